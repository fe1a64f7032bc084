// The form that starts a run: a document that is typed, pasted, dropped, chosen or taken from the samples.

import { DOCUMENT_BYTES, adviceOf, getJson, getText, tooLarge, url } from './api.js';
import { announce, byId, el, replace } from './dom.js';
import { bytes } from './format.js';
import { go } from './place.js';
import { start } from './runs.js';

const COLUMNS_MAX = 1000;
const TEXT_NAME = /\.(md|markdown|mdown|txt|text)$/i;
// A file of letters has none of these.
// eslint-disable-next-line no-control-regex
const BINARY = /[\u0000-\u0008\u000e-\u001a\u001c-\u001f\ufffd]/;

export const requestView = { title: 'Request', show: prepare };

let prepared = false;

function prepare() {
  if (prepared) return;
  prepared = true;
  const field = byId('document');
  field.addEventListener('input', () => {
    say(null);
    saySize();
  });
  byId('choose').addEventListener('click', () => byId('file').click());
  byId('file').addEventListener('change', ({ target }) => {
    take(target.files);
    target.value = '';
  });
  document.querySelectorAll('[data-sample]').forEach((choice) => {
    choice.addEventListener('click', () => takeSample(choice.dataset.sample, choice.textContent));
  });
  acceptDrops();
  byId('request-form').addEventListener('submit', submit);
  getJson('api/schemas').then(
    (schemas) =>
      replace(
        byId('schema-names'),
        schemas.slice(0, 200).map(({ name }) => el('option', { value: name })),
      ),
    () => {}, // Suggestions only.
  );
}

/** The words of a problem, or none. */
function say(problem, field = byId('document')) {
  const place = byId('document-problem');
  place.textContent = problem ?? '';
  place.hidden = !problem;
  ['document', 'max-columns'].forEach((id) => byId(id).removeAttribute('aria-invalid'));
  if (problem) field?.setAttribute('aria-invalid', 'true');
}

function saySize() {
  const { value } = byId('document');
  byId('document-size').textContent = value ? `${bytes(sizeOf(value))} of ${bytes(DOCUMENT_BYTES)}.` : '';
}

function sizeOf(text) {
  return new TextEncoder().encode(text).length;
}

function fillIn(text, from) {
  byId('document').value = text;
  byId('document').setSelectionRange(0, 0);
  byId('document').scrollTop = 0;
  say(null);
  saySize();
  announce(`${from} is in the field.`);
}

async function takeSample(language, label) {
  try {
    const text = await getText(url`samples/${`${language}.md`}`, 'text/markdown');
    fillIn(text, `The sample (${label})`);
    byId('start').focus();
  } catch (error) {
    say(adviceOf(error), null);
  }
}

/** Drops count on the whole page: one that misses the field must not make the browser leave it. */
function acceptDrops() {
  const zone = byId('drop');
  const carriesFiles = ({ dataTransfer }) => [...(dataTransfer?.types ?? [])].includes('Files');
  document.addEventListener('dragover', (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    zone.classList.add('over');
  });
  document.addEventListener('dragleave', ({ relatedTarget }) => relatedTarget ?? zone.classList.remove('over'));
  document.addEventListener('drop', (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    zone.classList.remove('over');
    if (!byId('view-request').hidden) take(event.dataTransfer.files);
  });
}

/** Reads a file into the field where it is one that can be a request; nothing is sent. */
async function take(files) {
  const [file] = files;
  if (!file) return;
  if (files.length > 1) {
    say(`One file at a time, please: ${files.length} were given. Nothing was sent.`, null);
    return;
  }
  const problem = (why) => say(`“${file.name.slice(0, 80)}” was not taken. ${why} Nothing was sent.`, null);
  const isText = file.type.startsWith('text/') || file.type === '' || TEXT_NAME.test(file.name);
  if (!isText) return problem(`It is a file of type ${file.type}; a request is Markdown or plain text (.md, .txt).`);
  if (file.size === 0) return problem('It is empty; a request describes in words what data is needed.');
  if (file.size > DOCUMENT_BYTES) return problem(tooLarge(file.size));
  let text;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
  } catch {
    return problem('It is not text in UTF-8. Save it as UTF-8, or copy its text into the field.');
  }
  if (BINARY.test(text)) return problem('It holds binary data; a request is Markdown or plain text (.md, .txt).');
  if (!text.trim()) return problem('It holds nothing but white space.');
  return fillIn(text, `The file ${file.name}`);
}

async function submit(event) {
  event.preventDefault();
  const text = byId('document').value;
  const refuse = (problem, field) => {
    say(problem, field);
    field.focus();
  };
  if (!text.trim())
    return refuse('There is no request yet. Write one, drop a file, or take a sample.', byId('document'));
  const size = sizeOf(text);
  if (size > DOCUMENT_BYTES)
    return refuse(`The request is too large. ${tooLarge(size)} Nothing was sent.`, byId('document'));
  const columns = Number(byId('max-columns').value || '5');
  if (!Number.isInteger(columns) || columns < 0 || columns > COLUMNS_MAX || byId('max-columns').validity.badInput) {
    return refuse(`Columns per table is a whole number from 0 to ${COLUMNS_MAX}.`, byId('max-columns'));
  }
  return send(text, { scope: byId('scope').value.trim() || undefined, max_columns: columns });
}

async function send(text, options) {
  const begin = byId('start');
  begin.disabled = true;
  say(null);
  try {
    go('run', { id: await start(text, options) });
  } catch (error) {
    say(adviceOf(error), null);
  } finally {
    begin.disabled = false;
  }
}
