// One run: its steps as they happen, then its report.

import { adviceOf } from './api.js';
import { announce, byId, el, replace } from './dom.js';
import { count, seconds, words } from './format.js';
import { address, remember } from './place.js';
import { report, scrollToSection } from './report.js';
import { STEPS, follow, result } from './runs.js';

export const runView = { title: 'Run', show, hide };

let shown = null;
let unfollow = () => {};

function show({ id, section }) {
  if (!id) {
    replace(
      byId('run'),
      el('p', { class: 'note' }, 'No run is named here. ', el('a', { href: address('request') }, 'Start one'), '.'),
    );
    return;
  }
  if (shown === id) {
    scrollToSection(section);
    return;
  }
  unfollow();
  shown = id;
  byId('run-title').textContent = 'Run';
  const steps = new Steps();
  const trouble = el('p', { class: 'note bad', role: 'alert', hidden: true });
  const place = el('div', { class: 'report' });
  replace(byId('run'), steps.element, trouble, place);
  const say = (text) => {
    trouble.textContent = text;
    trouble.hidden = !text;
  };
  unfollow = follow(id, {
    step: (name, state, more) => {
      say('');
      steps.set(name, state, more);
    },
    offline: () => say('The service cannot be reached. The run goes on there; this page tries again by itself.'),
    lost: (failure) => {
      shown = null;
      steps.element.hidden = true;
      say(adviceOf(failure));
    },
    end: (status, error) => ended({ id, section, status, error, steps, say, place }),
  });
}

/** A run that is left while it goes on is followed anew when it is shown again. */
function hide() {
  if (byId('run').querySelector('.steps[data-running]')) {
    unfollow();
    shown = null;
  }
}

async function ended({ id, section, status, error, steps, say, place }) {
  steps.end(status);
  if (status === 'failed') {
    say(
      `The run failed: ${error ?? 'the service does not say why'}. Narrow the scope or shorten the request, then start again.`,
    );
    announce('The run failed.');
    return;
  }
  try {
    const found = await result(id);
    remember('run', id);
    steps.time(found.step_timings, found.total_duration_seconds);
    replace(place, report(found));
    byId('run-title').textContent = found.tool0_output?.project_metadata?.project_name || 'Report';
    announce('The run is complete. Its report is on the page.');
    scrollToSection(section);
  } catch (failure) {
    shown = null;
    say(adviceOf(failure));
  }
}

/** What a step counts, where its name does not say it. */
const COUNTED = {
  scope_out: 'out of scope',
  no_match: 'without a table',
  tables_in_scope: 'tables in scope',
  quality_score: 'quality score',
  relationships: 'joins',
};

function figureInWords(key, value) {
  const what = COUNTED[key] ?? words(key);
  return typeof value === 'number' ? `${count(value)} ${what}` : `${what}: ${value}`;
}

const STATES = { waiting: 'waiting', running: 'under way', done: 'done', failed: 'failed', skipped: 'not done' };

class Steps {
  constructor() {
    this.parts = new Map(
      STEPS.map(([name, title]) => {
        const state = el('span', { class: 'step-state' }, STATES.waiting);
        const more = el('span', { class: 'step-more quiet' });
        const item = el(
          'li',
          { class: 'step', 'data-step': name, 'data-state': 'waiting' },
          el('span', { class: 'step-title' }, title),
          state,
          more,
        );
        return [name, { item, state, more, title }];
      }),
    );
    this.total = el('p', { class: 'quiet steps-total' });
    const list = el(
      'ol',
      { class: 'steps-list', 'aria-label': 'Steps of the run' },
      [...this.parts.values()].map(({ item }) => item),
    );
    this.element = el('div', { class: 'steps', 'data-running': true }, list, this.total);
  }

  set(name, state, { seconds: took, counts } = {}) {
    const part = this.parts.get(name);
    if (!part) return;
    const before = part.item.dataset.state;
    part.item.dataset.state = state;
    const time = typeof took === 'number' ? `, ${seconds(took)}` : '';
    if (before !== state || time) part.state.textContent = STATES[state] + time;
    const figures = Object.entries(counts ?? {}).filter(([, value]) => value !== null && typeof value !== 'object');
    if (figures.length) {
      part.more.textContent = figures.map(([key, value]) => figureInWords(key, value)).join(' · ');
    }
    if (before !== state && state === 'done') announce(`${part.title}: done.`);
  }

  /** Times from the result, for steps that were polled and not streamed. */
  time(timings, total) {
    for (const { step, duration_seconds: took } of timings ?? []) this.set(step, 'done', { seconds: took });
    if (typeof total === 'number') this.total.textContent = `Finished in ${seconds(total)}.`;
  }

  end(status) {
    this.element.removeAttribute('data-running');
    for (const { item, state } of this.parts.values()) {
      const reached = item.dataset.state;
      if (status === 'completed') item.dataset.state = 'done';
      else if (reached !== 'done') item.dataset.state = reached === 'running' ? 'failed' : 'skipped';
      if (reached !== item.dataset.state) state.textContent = STATES[item.dataset.state];
    }
  }
}
