// What the security assessment of a run found, as tables to read.

import { el, name } from './dom.js';
import { tableLink } from './findings.js';
import { count, mark, share, short, words } from './format.js';
import { Listing } from './listing.js';

const SENSITIVITY = ['business', 'personal', 'confidential', 'special', 'secret'];
const MASKING = {
  keyed_hash: 'a keyed hash',
  partial: 'showing a part',
  generalise: 'coarser values',
  null: 'emptying it',
  drop: 'leaving it out',
};
const TONE = { business: 'plain', personal: 'fair', confidential: 'fair', special: 'bad', secret: 'bad' };

/** The security part of the report. */
export function security({ summary = {}, columns = [], tables = [], row_filters: filters = [] }) {
  const figure = (value, label) =>
    el(
      'div',
      { class: 'figure-box' },
      el('dt', {}, label),
      el('dd', {}, el('span', { class: 'big' }, count(value ?? 0))),
    );
  const figures = [
    [summary.sensitive_columns, 'Sensitive columns'],
    [summary.requested_sensitive_columns, 'of them requested'],
    [summary.doubtful_columns, 'In doubt'],
    [summary.unclassified_tables, 'Unclassified tables'],
    [summary.contradictory_tables, 'Classified too low'],
    [summary.mixed_tables, 'Mixed with open data'],
  ];
  return [
    el(
      'dl',
      { class: 'figures' },
      figures.map(([value, label]) => figure(value, label)),
    ),
    el('h3', {}, 'Columns to protect'),
    columnsOf(columns),
    el('h3', {}, 'Classification of tables'),
    tablesOf(tables),
    filters.length ? [el('h3', {}, 'Row-level security'), filtersOf(filters)] : null,
  ];
}

function whose({ requested, excluded }) {
  if (requested) return 'requested';
  return excluded ? 'ruled out' : 'in scope';
}

function columnsOf(columns) {
  const listing = new Listing({
    caption: 'Columns that hold sensitive data',
    size: 25,
    empty: 'None was found by name, type and description.',
    text: (column) => `${column.table} ${column.column} ${column.category} ${column.sensitivity}`,
    columns: [
      {
        title: 'Column',
        cell: ({ table, column }) => [name(short(column)), el('span', { class: 'block' }, tableLink(table))],
        sort: ({ table, column }) => `${table} ${column}`,
      },
      { title: 'Holds', cell: ({ category }) => words(category), sort: ({ category }) => category },
      {
        title: 'Sensitivity',
        tight: true,
        cell: ({ sensitivity }) => mark(words(sensitivity), TONE[sensitivity]),
        sort: ({ sensitivity }) => SENSITIVITY.indexOf(sensitivity),
      },
      {
        title: 'Mask by',
        tight: true,
        cell: ({ masking }) => MASKING[masking] ?? words(masking),
        sort: ({ masking }) => masking,
      },
      { title: 'Table is', tight: true, cell: whose, sort: whose },
      {
        title: 'Confidence',
        cell: ({ confidence }) => share(confidence),
        sort: ({ confidence }) => confidence,
        numeric: true,
      },
      { title: 'Why', tight: true, cell: ({ evidence }) => evidenceOf(evidence) },
    ],
  });
  listing.set(columns);
  return listing.element;
}

function evidenceOf(evidence = []) {
  const lines = evidence.map((line) => el('li', { dir: 'auto' }, line));
  return el('details', {}, el('summary', {}, 'Evidence'), el('ul', { class: 'tight' }, lines));
}

function tablesOf(tables) {
  const classified = ({ classification: { status, value } = {} }) =>
    value ? `${value} (${words(status)})` : words(status ?? 'unknown');
  const listing = new Listing({
    caption: 'Classification of the tables in scope',
    size: 15,
    text: ({ table }) => table,
    columns: [
      { title: 'Table', cell: ({ table }) => tableLink(table), sort: ({ table }) => table },
      { title: 'Classification', cell: (table) => el('bdi', {}, short(classified(table))), sort: classified },
      {
        title: 'Needed',
        tight: true,
        cell: ({ classification: { needed, contradictory } = {} }) =>
          needed ? mark(words(needed), contradictory ? 'bad' : 'plain') : '–',
      },
      {
        title: 'Sensitive',
        cell: ({ sensitive }) => count(sensitive),
        sort: ({ sensitive }) => sensitive,
        numeric: true,
      },
      { title: 'Columns', cell: ({ columns }) => count(columns), sort: ({ columns }) => columns, numeric: true },
    ],
  });
  listing.set(tables);
  return listing.element;
}

/** Proposals to restrict rows: by which unit, who may see what, and how each fact gets there. */
function filtersOf(filters) {
  const listing = new Listing({
    caption: 'Proposals for row-level security',
    size: 15,
    text: ({ unit }) => unit,
    columns: [
      {
        title: 'Rows by',
        cell: ({ unit, is_table: isTable }) => (isTable ? tableLink(unit) : name(short(unit))),
        sort: ({ unit }) => unit,
      },
      { title: 'Who may see what', cell: userTable },
      { title: 'Facts', cell: ({ facts = [], unreached = [] }) => reached(facts, unreached), wide: true },
      {
        title: 'Confidence',
        cell: ({ confidence }) => share(confidence),
        sort: ({ confidence }) => confidence,
        numeric: true,
      },
    ],
  });
  listing.set(filters);
  return listing.element;
}

function userTable({ user_table: users }) {
  if (!users) return el('span', { class: 'quiet' }, 'No table says so: one has to be made.');
  const names = [users.user_column, ...(users.columns ?? [])].join(', ');
  return [tableLink(users.table), el('span', { class: 'block' }, name(short(names, 300)))];
}

function reached(facts, unreached) {
  const list = (title, tables) =>
    tables.length
      ? el(
          'details',
          {},
          el('summary', {}, `${title}: ${count(tables.length)}`),
          el(
            'ul',
            { class: 'tight' },
            tables.map((table) => el('li', {}, tableLink(table))),
          ),
        )
      : null;
  return [
    list(
      'reached',
      facts.map(({ fact }) => fact),
    ),
    list('not reached', unreached),
  ];
}
