// Runs of the pipeline: starting one, following it to its end, reading what it found.

import { Failure, absolute, getJson, postJson, url } from './api.js';
import { token } from './authorization.js';
import { recall, remember } from './place.js';

/** The steps in their order, in words. */
export const STEPS = [
  ['tool0', 'Read the request'],
  ['tool1', 'Find the tables'],
  ['tool2', 'Facts, dimensions, joins'],
  ['tool3', 'Check the documentation'],
  ['diagram', 'Draw the diagram'],
];

const POLL_MS = 400;
const POLL_MAX_MS = 5000;
/** How often a stream that breaks off may come back before polling takes over. */
const STREAM_TRIES = 3;

/** Starts a run; its id. */
export async function start(document, options) {
  const { session_id: id } = await postJson('api/pipeline/run', { document, options });
  remember('run', id);
  return id;
}

/** The last run of this tab. */
export function lastRun() {
  return recall('run');
}

const results = new Map();
const RESULTS_MAX = 4;

/** What a run found; asked for once. */
export function result(id) {
  if (!results.has(id)) {
    if (results.size >= RESULTS_MAX) results.delete(results.keys().next().value);
    const coming = getJson(url`api/pipeline/${id}/result`);
    results.set(id, coming);
    coming.catch(() => results.delete(id));
  }
  return results.get(id);
}

/**
 * Follows a run. Tells `step(name, state, {seconds, counts})` with state `running` or `done`, and once
 * `end(status, error)`, or `lost(failure)` where the run cannot be followed. Returns what stops it.
 */
export function follow(id, told) {
  const stopped = new AbortController();
  // A browser's own client of event streams sends no token.
  if (typeof EventSource === 'function' && !token()) stream(id, told, stopped);
  else poll(id, told, stopped.signal);
  return () => stopped.abort();
}

function stream(id, told, stopped) {
  const source = new EventSource(absolute(url`api/pipeline/${id}/events`));
  let [tries, begun] = [0, false];
  const close = () => source.close();
  stopped.signal.addEventListener('abort', close);
  const on = (event, act) =>
    source.addEventListener(event, ({ data }) => {
      [tries, begun] = [0, true];
      act(JSON.parse(data));
    });
  on('step_started', ({ step }) => told.step(step, 'running', {}));
  on('step_completed', ({ step, duration_seconds: seconds, counts }) => told.step(step, 'done', { seconds, counts }));
  on('completed', () => {
    close();
    told.end('completed', null);
  });
  on('failed', ({ error }) => {
    close();
    told.end('failed', error);
  });
  source.addEventListener('error', () => {
    tries += 1;
    // One that told something may come back by itself and go on where it was. One that never did, or that
    // the service has closed, is replaced: the status knows as much.
    if (begun && source.readyState !== EventSource.CLOSED && tries < STREAM_TRIES) return;
    close();
    if (!stopped.signal.aborted) poll(id, told, stopped.signal);
  });
}

async function poll(id, told, signal) {
  let pause = POLL_MS;
  while (!signal.aborted) {
    try {
      const { status, current_step: current, error } = await getJson(url`api/pipeline/${id}/status`, { signal });
      if (!['running', 'completed', 'failed'].includes(status)) throw new Failure(404, 'Session not found', null);
      tellSteps(told, current, status);
      if (status !== 'running') {
        told.end(status, error);
        return;
      }
      pause = POLL_MS;
    } catch (failure) {
      if (signal.aborted) return;
      // No answer at all may be a moment without a network; a refusal is final.
      if (failure.status !== 0 && failure.status !== 503) {
        told.lost(failure);
        return;
      }
      told.offline?.(failure);
      pause = Math.min(POLL_MAX_MS, pause * 2);
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** A status names one step: those before it are done. */
function tellSteps(told, current, status) {
  const at = STEPS.findIndex(([step]) => step === current);
  STEPS.forEach(([step], i) => {
    if (i < at || status === 'completed') told.step(step, 'done', {});
    else if (i === at && status === 'running') told.step(step, 'running', {});
  });
}
