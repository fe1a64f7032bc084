// Figures and words, and the small marks that go with them.

import { el, svg } from './dom.js';

const NUMBER = new Intl.NumberFormat('en');
const NAME_MAX = 160;

export function count(value) {
  return NUMBER.format(value);
}

/** `1 table`, `2 tables`. */
export function counted(value, one, many = `${one}s`) {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A share of 1 as whole percent. */
export function percent(share) {
  return `${Math.round(share * 100)} %`;
}

export function seconds(value) {
  return value < 1 ? `${Math.max(1, Math.round(value * 1000))} ms` : `${value.toFixed(1)} s`;
}

export function bytes(value) {
  if (value < 1024) return `${value} B`;
  return value < 1024 * 1024
    ? `${NUMBER.format(Math.round(value / 1024))} KiB`
    : `${(value / 1024 / 1024).toFixed(1)} MiB`;
}

/** A name that may be of any length, cut for a list. */
export function short(text, most = NAME_MAX) {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

/** `many_to_one` as words. */
export function words(identifier) {
  return String(identifier ?? '').replaceAll('_', ' ');
}

/** The bar and the figure of a confidence, or of any share of 1. */
export function share(value, label = 'confidence') {
  if (typeof value !== 'number') return el('span', { class: 'quiet' }, 'unknown');
  const width = Math.max(0, Math.min(1, value)) * 100;
  const level = value >= 0.8 ? 'high' : value >= 0.5 ? 'middle' : 'low';
  return el(
    'span',
    { class: 'share', title: label },
    svg(
      'svg',
      { class: `bar bar-${level}`, viewBox: '0 0 100 6', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
      svg('rect', { class: 'bar-rest', width: 100, height: 6 }),
      svg('rect', { class: 'bar-part', width, height: 6 }),
    ),
    el('span', { class: 'figure' }, percent(value)),
  );
}

const TYPES = { FACT: 'fact', DIMENSION: 'dimension', BRIDGE: 'bridge', VIEW: 'view' };

/** What a table is. */
export function typeMark(type) {
  const known = TYPES[type] ?? 'view';
  return el('span', { class: `mark mark-${known}` }, TYPES[type] ?? words(type).toLowerCase());
}

/** A mark such as a priority or a risk; `tone` is good, fair, bad or plain. */
export function mark(text, tone = 'plain') {
  return el('span', { class: `mark mark-${tone}` }, text);
}

/** Letters without accents and case, to compare what people type. */
export function folded(text) {
  return text
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase();
}
