// The chat: questions, what is looked up for them, answers as they are written, and what goes along with them.

import { Failure, adviceOf, getJson, url } from './api.js';
import { announce, button, byId, el, replace } from './dom.js';
import { count, short } from './format.js';
import { markdown } from './markdown.js';
import { amend, recall, remember } from './place.js';
import { Picture, fileName, mermaidSource } from './picture.js';
import { lastRun } from './runs.js';
import { Connection } from './socket.js';

const EXAMPLES = [
  'What can you tell me about this catalog?',
  'Which facts are in dm_bs_purchase?',
  'Draw factv_purchase_order',
  'Kde je evidován dodavatel?',
];
const EXAMPLES_OF_A_RUN = [
  'What did my run find?',
  'Which recommendations come first?',
  'Draw factv_purchase_order_item',
  'Jak se připojí dodavatel k objednávce?',
];
const SESSION = /^[A-Za-z0-9._~-]{1,128}$/;
const ANNOUNCED_MAX = 600;
const BROKEN = 'The connection broke before the answer was finished. Ask again.';

export const chatView = { title: 'Chat', show };

let session = null;
let connection = null;
let connected = false;
/** Whether the connection broke since the open question was sent. */
let broken = false;
/** The turn that is being answered. */
let open = null;

function show({ session: wanted, ask }) {
  const id = SESSION.test(wanted ?? '') ? wanted : (lastRun() ?? ownSession());
  if (!connection) prepare();
  if (id !== session) enter(id);
  amend('chat', { session: id });
  if (ask) {
    byId('question').value = ask;
    setTimeout(() => byId('question').focus());
  }
}

/** A session of this tab, for a chat before any run. */
function ownSession() {
  const kept = recall('chat');
  if (kept) return kept;
  // Not `randomUUID`: it is for secure origins only.
  const made = `console-${[...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
  remember('chat', made);
  return made;
}

function prepare() {
  byId('chat-form').addEventListener('submit', (event) => {
    event.preventDefault();
    send(byId('question').value.trim());
  });
  byId('question').addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    byId('chat-form').requestSubmit();
  });
  byId('chat-cancel').addEventListener('click', () => connection.send({ type: 'cancel' }));
  byId('chat-retry').addEventListener('click', () => connection.retry());
}

function enter(id) {
  connection?.close();
  session = id;
  open = null;
  byId('turns').replaceChildren();
  const isRun = id === lastRun();
  byId('chat-about').textContent = isRun ? 'About your last run and the catalog.' : 'About the catalog.';
  const examples = isRun ? EXAMPLES_OF_A_RUN : EXAMPLES;
  replace(
    byId('examples'),
    examples.map((text) => button(text, () => send(text), { class: 'example', disabled: true })),
  );
  showHistory(id);
  connection = new Connection(id, { frame: take, state: sayState });
}

/** What was said before, where the service keeps it. */
async function showHistory(id) {
  // A session of this tab is one for the service from its first question on.
  if (id === recall('chat') && id !== recall('asked')) return;
  try {
    const { messages = [] } = await getJson(url`api/sessions/${id}`);
    if (id !== session || byId('turns').childElementCount) return;
    for (const { question, answer, is_finished: finished } of messages) {
      const turn = new Turn(question);
      byId('turns').append(turn.element);
      turn.write(answer ?? '');
      if (!finished) turn.note('This answer was not finished.');
      turn.settle();
    }
  } catch (error) {
    // A session without a past; anything else shows when a question is asked.
    if (!(error instanceof Failure)) throw error;
  }
}

function sayState(state, { seconds, why }) {
  connected = state === 'open';
  broken ||= state === 'waiting';
  if (state === 'ended' && open) {
    open.fail('The connection was closed before the answer was finished.');
    open = null;
  }
  const place = byId('chat-state');
  place.dataset.state = state;
  const text = {
    open: 'Connected',
    connecting: 'Connecting…',
    waiting: `${why} Trying again ${seconds > 5 ? `in ${Math.ceil(seconds / 5) * 5} s` : 'in a moment'}…`,
    ended: why,
  }[state];
  // Set only where it differs: it is read aloud.
  if (place.textContent !== text) place.textContent = text;
  byId('chat-retry').hidden = !['waiting', 'ended'].includes(state);
  enable();
}

function enable() {
  const ready = connected && !open;
  byId('chat-send').disabled = !ready;
  byId('examples')
    .querySelectorAll('button')
    .forEach((example) => (example.disabled = !ready));
  byId('chat-cancel').hidden = !open;
}

function send(text) {
  if (!text || open || !connected) return;
  if (!connection.send({ content: text })) return;
  remember('asked', session);
  broken = false;
  open = new Turn(text);
  byId('turns').append(open.element);
  byId('question').value = '';
  enable();
  byId('question').focus({ preventScroll: true });
  scrollTo(0, document.documentElement.scrollHeight);
}

function take(frame) {
  if (!open) {
    // An error that belongs to no message, such as one about the rate.
    if (frame.type === 'error') announce(wordsOf(frame));
    return;
  }
  const nearEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 160;
  if (frame.type === 'user') open.taken = true;
  else if (frame.type === 'tool') open.tool(frame);
  else if (frame.type === 'agent_partial') open.write(frame.content);
  else if (frame.type === 'resync') resync(frame);
  else if (frame.type === 'agent') finish(() => open.answer(frame));
  else if (frame.type === 'error') finish(() => open.fail(wordsOf(frame)));
  // Follows the answer, unless the person has scrolled away from it.
  if (nearEnd) scrollTo(0, document.documentElement.scrollHeight);
}

/**
 * What the service still knows, where it cannot go on with what it sent before: the last answer of the
 * session, whole or as far as it came.
 */
function resync({ question, content, complete, in_progress: goesOn }) {
  if (question !== open.question) {
    // The first thing a session with a past says, or a question that was lost on the way.
    if (open.taken || broken) finish(() => open.fail(BROKEN));
    return;
  }
  open.write(content);
  if (complete) finish(() => open.end());
  else if (!goesOn) finish(() => open.fail(BROKEN));
}

function finish(act) {
  act();
  open = null;
  enable();
}

function wordsOf({ code, content, retry_after: after }) {
  const known = {
    cancelled: 'Stopped. What was said so far stands above.',
    rate_limited: `Too many messages in a short time.${after ? ` Try again in ${Math.ceil(after)} s.` : ' Wait a moment.'}`,
    busy: 'Earlier messages of this session are still being answered. Wait for them.',
    too_long: 'The message is too long. Shorten it.',
    stopping: 'The service is restarting. Ask again in a moment.',
  };
  return known[code] ?? content ?? 'The answer failed.';
}

/** A question and what came of it. */
class Turn {
  constructor(question) {
    this.question = question;
    this.tools = el('ul', { class: 'looked-up', 'aria-label': 'Looked up' });
    this.text = el('div', { class: 'answer', 'aria-busy': 'true' }, el('p', { class: 'quiet' }, 'Thinking…'));
    this.beside = el('div', { class: 'beside', hidden: true });
    this.element = el(
      'article',
      { class: 'turn', 'aria-label': short(question, 80) },
      el(
        'h2',
        { class: 'question', dir: 'auto' },
        el('span', { class: 'unseen' }, 'You asked: '),
        short(question, 2000),
      ),
      el('div', { class: 'turn-body' }, el('div', { class: 'turn-text' }, this.tools, this.text), this.beside),
    );
  }

  tool({ content, tool_name: tool }) {
    this.tools.append(el('li', { dir: 'auto' }, short(content || tool || '', 300)));
  }

  /** The answer so far; drawn once a frame, however fast it comes. */
  write(text) {
    this.said = text;
    this.pending ??= requestAnimationFrame(() => {
      this.pending = null;
      replace(this.text, markdown(this.said));
    });
  }

  settle() {
    this.text.removeAttribute('aria-busy');
    if (this.said !== undefined) replace(this.text, markdown(this.said));
    if (this.pending) cancelAnimationFrame(this.pending);
  }

  answer(frame) {
    this.said = frame.content;
    this.settle();
    if (frame.mode === 'model') this.tools.append(el('li', {}, 'Answered by the model'));
    const parts = [metricsOf(frame.metrics), pictureOf(frame)].filter(Boolean);
    this.beside.hidden = !parts.length;
    this.element.classList.toggle('with-beside', parts.length > 0);
    replace(this.beside, parts);
    announce(`Answer: ${short(this.text.textContent, ANNOUNCED_MAX)}`);
  }

  /** The answer came to its end, and what went along with it was lost on the way. */
  end() {
    this.settle();
    announce(`Answer: ${short(this.text.textContent, ANNOUNCED_MAX)}`);
  }

  fail(why) {
    this.settle();
    if (this.said === undefined) this.text.replaceChildren();
    this.note(why);
    announce(why);
  }

  note(text) {
    this.text.after(el('p', { class: 'note fair' }, text));
  }
}

function metricsOf(metrics) {
  if (!metrics) return null;
  const figures = [
    ['Tables', metrics.total_tables],
    ['Columns', metrics.total_columns],
    ['Facts', metrics.facts_count],
    ['Dimensions', metrics.dimensions_count],
    ['Joins', metrics.relationships_count],
    ['Quality', metrics.quality_score, ' %'],
  ].filter(([, value]) => typeof value === 'number');
  const box = ([label, value, unit = '']) =>
    el(
      'div',
      { class: 'figure-box' },
      el('dt', {}, label),
      el('dd', {}, el('span', { class: 'big' }, `${count(value)}${unit}`)),
    );
  return el(
    'div',
    { role: 'group', 'aria-label': 'Figures' },
    metrics.schema_name ? el('p', { class: 'quiet' }, el('bdi', {}, short(metrics.schema_name))) : null,
    el('dl', { class: 'figures small' }, figures.map(box)),
  );
}

/** The table an answer is about, drawn by the service, and the answer's own Mermaid as text. */
function pictureOf({ diagram, canvas_trigger: trigger }) {
  if (!diagram) return null;
  const table = trigger?.entity_name;
  const file = fileName(table ?? 'diagram');
  const source = el(
    'details',
    { open: !table },
    el('summary', {}, 'Mermaid source of the answer’s diagram'),
    mermaidSource(diagram, file),
  );
  if (!table) return el('div', {}, source);
  const picture = new Picture({ label: `Diagram of ${short(table, 80)}`, file });
  // Loaded once it stands in the page.
  setTimeout(() => picture.load(url`api/tables/${table}/diagram`));
  return el('div', {}, picture.element, source);
}

window.addEventListener('unhandledrejection', ({ reason }) => adviceOf(reason));
