// Calls of the service, and their failures in words.

import { authorized, otherToken, token } from './authorization.js';
import { bytes } from './format.js';

/** A call that did not succeed. `status` is 0 where no answer came. */
export class Failure extends Error {
  constructor(status, detail, body) {
    super(detail);
    this.status = status;
    this.body = body;
  }

  /** What happened and what to do, for people. */
  get advice() {
    return advise(this.status, this.message, this.body);
  }
}

/** A path below the page's own, each value encoded: url`api/tables/${name}`. */
export function url(parts, ...values) {
  return parts.reduce((path, part, i) => path + encodeURIComponent(values[i - 1]) + part);
}

/** A query string of the values that are there. */
export function query(values) {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== '');
  return given.length ? `?${new URLSearchParams(given)}` : '';
}

export function absolute(path) {
  return new URL(path, document.baseURI);
}

/** The JSON of a path. */
export async function getJson(path, options) {
  const answer = await send(path, options);
  return answer.json();
}

/** The text of a path in this media type; null where the service has it in other types only. */
export async function getText(path, type, options) {
  const answer = await send(path, { ...options, headers: { Accept: type } });
  const given = (answer.headers.get('content-type') ?? '').split(';')[0].trim();
  return given === type ? answer.text() : null;
}

export async function postJson(path, body) {
  const answer = await send(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  return answer.json();
}

/** The bytes of a path, with their media type. */
export async function getBlob(path) {
  const answer = await send(path);
  return answer.blob();
}

async function send(path, options) {
  let used = token();
  let answer = await call(path, options);
  while (answer.status === 401 && (await otherToken(used))) {
    used = token();
    answer = await call(path, options);
  }
  if (answer.ok) return answer;
  const body = await answer.json().catch(() => null);
  throw new Failure(answer.status, detailOf(body) ?? `The service answered ${answer.status}.`, body);
}

async function call(path, options) {
  try {
    return await fetch(absolute(path), { ...options, headers: authorized(options?.headers) });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Failure(0, 'The service cannot be reached.', null);
  }
}

/** The `detail` of an error: a sentence, or a list of what does not fit. */
function detailOf(body) {
  const detail = body?.detail;
  if (typeof detail === 'string') return detail;
  if (!Array.isArray(detail)) return null;
  const problems = detail.map(({ loc, msg }) => {
    const where = (loc ?? []).filter((part) => part !== 'body' && part !== 'query' && part !== 'options');
    return where.length ? `${where.join('.')}: ${msg}` : msg;
  });
  return `${problems.join('. ')}.`;
}

function advise(status, detail, body) {
  const known = {
    0: 'The service cannot be reached. Check that it runs and that you are online, then try again.',
    401: 'The service asks for a token. Reload the page to enter one.',
    413: `The request is too large: ${detail}. Shorten it, or split it into several requests.`,
    422: `The service cannot take this: ${detail} Correct it and try again.`,
    429: `${detail} Nothing was lost: try again then.`,
    503: `${detail} Nothing was lost: wait a moment, then start again.`,
  };
  const suggestions = body?.suggestions?.length ? ` Did you mean ${body.suggestions.slice(0, 3).join(', ')}?` : '';
  if (status === 404 && detail === 'Session not found') {
    return 'The service does not know this run: results are kept for a while only. Start the request again.';
  }
  return (known[status] ?? detail) + suggestions;
}

/** The most bytes of a document that the service takes. */
export const DOCUMENT_BYTES = Number(document.documentElement.dataset.documentBytes) || 1024 * 1024;

export function tooLarge(size) {
  return `It has ${bytes(size)}; the service takes at most ${bytes(DOCUMENT_BYTES)}. Shorten it, or split it into several requests.`;
}

/** The words for anything that was thrown. */
export function adviceOf(error) {
  if (error instanceof Failure) return error.advice;
  console.error(error);
  return 'Something went wrong in this page. Reload it and try again.';
}
