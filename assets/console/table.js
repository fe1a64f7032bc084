// One table in all details; beside the catalog and beside a diagram.

import { adviceOf, getJson, url } from './api.js';
import { button, el, name, replace } from './dom.js';
import { tableLink } from './findings.js';
import { count, counted, mark, percent, share, short, typeMark, words } from './format.js';
import { Listing } from './listing.js';
import { address } from './place.js';
import { Picture, fileName } from './picture.js';

const LIST_MAX = 100;

/** The details of a table. `close` closes them, `focus` focuses a diagram on it, `drawn` shows its own. */
export function tableDetails(table, { close, focus = null, drawn = true }) {
  const title = el('h2', { tabindex: '-1' }, name(short(table)));
  const body = el('div', { class: 'details-body' }, el('p', { class: 'quiet' }, 'Loading…'));
  const tools = el(
    'div',
    { class: 'details-tools' },
    focus ? button('Focus the diagram', focus) : null,
    el('a', { class: 'button', href: address('chat', { ask: `Tell me about ${table}` }) }, 'Ask about it'),
    button('Close', close),
  );
  getJson(url`api/tables/${table}`).then(
    (found) => {
      replace(title, name(short(found.name)));
      replace(body, sections(found, drawn));
    },
    (failure) => replace(body, el('p', { class: 'note bad', role: 'alert' }, adviceOf(failure))),
  );
  // Once it stands in the page.
  queueMicrotask(() => title.focus());
  return [el('div', { class: 'details-head' }, title, tools), body];
}

function sections(table, drawn) {
  const also = table.also_in?.length
    ? el(
        'p',
        { class: 'quiet' },
        'A table of that name is also in ',
        table.also_in.map((other) => [tableLink(other), ' ']),
        '.',
      )
    : null;
  return [
    el(
      'p',
      { class: 'kind' },
      typeMark(table.table_type),
      ' ',
      el('span', { class: 'quiet' }, 'in ', name(short(table.schema)), `, confidence ${percent(table.confidence)}`),
    ),
    table.description
      ? el('p', { dir: 'auto', class: 'description' }, short(table.description, 2000))
      : el('p', { class: 'quiet' }, 'The catalog does not describe it.'),
    also,
    facts(table),
    part('Columns', columns(table), true),
    drawn ? part('Diagram', diagram(table), true) : null,
    part('Joins', joins(table), true),
    part('Lineage', lineage(table.lineage ?? {}), true),
    part('Why it is so classified', el('p', { dir: 'auto' }, table.rationale || 'The catalog gives no reason.'), false),
  ];
}

function part(title, content, open) {
  return el('details', { class: 'part', open }, el('summary', {}, el('h3', {}, title)), content);
}

function facts(table) {
  const list = (names) => (names?.length ? name(short(names.join(', '), 600)) : null);
  const rows = [
    table.table_type === 'DIMENSION' && !table.grain ? null : ['Grain', table.grain && el('bdi', {}, table.grain)],
    ['Primary key', list(table.primary_key)],
    ['Business key', list(table.business_key)],
    // What has no measures or dates lacks nothing.
    table.measures?.length ? ['Measures', list(table.measures)] : null,
    table.date_columns?.length ? ['Dates', list(table.date_columns)] : null,
    ['Owner', table.owner && el('bdi', {}, short(table.owner))],
    ['Security classification', table.security_classification && el('bdi', {}, short(table.security_classification))],
    ['Status', table.status && el('bdi', {}, short(table.status))],
    ['Articulation', typeof table.articulation_score === 'number' ? `${table.articulation_score} of 100` : null],
    ['Validated', table.validated === null || table.validated === undefined ? null : table.validated ? 'yes' : 'no'],
  ];
  const unknown = el('span', { class: 'quiet' }, 'unknown');
  return el(
    'dl',
    { class: 'facts' },
    rows
      .filter(Boolean)
      .map(([key, value]) => el('div', {}, el('dt', {}, key), el('dd', {}, value || unknown.cloneNode(true)))),
  );
}

function columns(table) {
  const rows = table.columns.map((column, place) => ({ ...column, place }));
  const marks = (column) => [
    column.is_primary_key ? mark('PK', 'key') : null,
    column.is_foreign_key ? mark('FK', 'key') : null,
    column.is_measure ? mark('measure', 'plain') : null,
  ];
  const listing = new Listing({
    caption: `Columns of ${short(table.name, 80)}`,
    size: 30,
    empty: 'The catalog lists no columns.',
    text: (column) => `${column.name} ${column.type ?? ''} ${column.description ?? ''}`,
    columns: [
      {
        title: 'Column',
        cell: (column) => [name(short(column.name)), el('span', { class: 'marks' }, marks(column))],
        sort: (column) => column.name,
      },
      {
        title: 'Type',
        cell: ({ type, nullable }) => [
          name(short(type ?? 'unknown')),
          nullable === false ? el('span', { class: 'quiet block' }, 'not null') : null,
        ],
        sort: ({ type }) => type,
      },
      {
        title: 'Description',
        wide: true,
        cell: ({ description, target }) => [
          description ? el('bdi', {}, short(description, 400)) : el('span', { class: 'quiet' }, target ? '' : '–'),
          target
            ? el(
                'span',
                { class: 'block quiet' },
                '→ ',
                tableLink(target.table),
                '.',
                name(short(target.column)),
                ` ${percent(target.confidence)}`,
              )
            : null,
        ],
      },
    ],
  });
  listing.set(rows);
  return listing.element;
}

/** Drawn once it is seen: a table may be opened for its columns alone. */
function diagram(table) {
  const picture = new Picture({ label: `Diagram of ${short(table.name, 80)}`, file: fileName(table.full_name) });
  const seen = new IntersectionObserver(([entry]) => {
    if (!entry.isIntersecting) return;
    seen.disconnect();
    picture.load(url`api/tables/${table.full_name}/diagram`);
  });
  seen.observe(picture.element);
  return picture.element;
}

function joins(table) {
  const place = el('div', {}, el('p', { class: 'quiet' }, 'Loading…'));
  getJson(url`api/tables/${table.full_name}/relationships`).then(
    ({ items }) => replace(place, joinsOf(items, table.full_name)),
    () => replace(place, el('p', { class: 'quiet' }, 'The foreign keys are named beside the columns.')),
  );
  return place;
}

function joinsOf(items, self) {
  const out = (join) => join.from_table === self;
  const listing = new Listing({
    caption: 'Joins of the table',
    size: 20,
    empty: 'None is declared, and none was found.',
    text: (join) => `${join.from_table} ${join.to_table} ${join.from_columns.join(' ')}`,
    columns: [
      {
        title: 'With',
        cell: (join) => [out(join) ? '→ ' : '← ', tableLink(out(join) ? join.to_table : join.from_table)],
        sort: (join) => (out(join) ? join.to_table : join.from_table),
      },
      {
        title: 'On',
        cell: (join) =>
          name(
            short(
              join.from_columns
                .map((column, i) => (column === join.to_columns[i] ? column : `${column} = ${join.to_columns[i]}`))
                .join(', '),
              300,
            ),
          ),
      },
      {
        title: 'Kind',
        cell: (join) => [
          words(join.cardinality),
          ' ',
          mark(join.origin, join.origin === 'declared' ? 'good' : 'plain'),
        ],
      },
      { title: 'Confidence', cell: (join) => share(join.confidence), sort: (join) => join.confidence, numeric: true },
    ],
  });
  listing.set(items);
  return listing.element;
}

function lineage({ upstream_status: above, upstream = [], downstream_status: below, downstream = [] }) {
  const source = ({ name: label, table, via = [], columns: mapped = [] }) =>
    el(
      'li',
      {},
      table ? tableLink(table) : name(short(label)),
      via.length ? el('span', { class: 'quiet' }, ` stated by ${via.map(words).join(', ')}`) : null,
      mapped.length
        ? el(
            'details',
            {},
            el('summary', {}, counted(mapped.length, 'column')),
            el(
              'ul',
              { class: 'tight' },
              mapped
                .slice(0, LIST_MAX)
                .map((one) =>
                  el('li', {}, el('bdi', {}, short(typeof one === 'string' ? one : Object.values(one).join(' ← ')))),
                ),
            ),
          )
        : null,
    );
  const rest = (list) =>
    list.length > LIST_MAX ? el('p', { class: 'quiet' }, `and ${count(list.length - LIST_MAX)} more`) : null;
  return [
    el('p', {}, 'Comes from', above === 'known' ? ':' : ': unknown.'),
    el('ul', { class: 'tight' }, upstream.slice(0, LIST_MAX).map(source)),
    rest(upstream),
    el('p', {}, 'Goes to', below === 'known' ? ':' : ': unknown.'),
    el(
      'ul',
      { class: 'tight' },
      downstream.slice(0, LIST_MAX).map((table) => el('li', {}, tableLink(table))),
    ),
    rest(downstream),
  ];
}
