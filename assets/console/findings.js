// What a run found in the catalog, as tables to read: entities, facts and dimensions, joins.

import { el, name } from './dom.js';
import { count, counted, mark, percent, share, short, words } from './format.js';
import { Listing } from './listing.js';
import { address } from './place.js';

/** A link to a table of the catalog. */
export function tableLink(fullName, label = fullName) {
  return el('a', { href: address('catalog', { table: fullName }), title: short(fullName, 300) }, name(short(label)));
}

/** One as a paragraph, several as a list. */
export function paragraphs(items, className) {
  return items.length === 1
    ? el('p', { class: className }, items)
    : el(
        'ul',
        { class: `tight ${className}` },
        items.map((item) => el('li', { dir: 'auto' }, item)),
      );
}

/** Which tables the entities of the request are, and why. */
export function entities({ tool1_output: found = {} }) {
  const listing = new Listing({
    caption: 'Entities of the request and their tables',
    text: ({ entity, candidates }) => `${entity} ${candidates.map((candidate) => candidate.full_name).join(' ')}`,
    columns: [
      {
        title: 'Entity',
        cell: ({ entity, alias }) => [
          el('bdi', {}, short(entity)),
          alias ? el('span', { class: 'quiet block' }, short(alias)) : null,
        ],
        sort: ({ entity }) => entity,
      },
      {
        title: 'Table',
        cell: ({ candidates: [best], status }) =>
          status === 'matched' && best ? tableLink(best.full_name) : mark('gap: no table found', 'bad'),
        sort: ({ candidates }) => candidates[0]?.full_name,
      },
      {
        title: 'Confidence',
        cell: ({ candidates: [best], status }) => (best && status === 'matched' ? share(best.confidence) : '–'),
        sort: ({ candidates, status }) => (status === 'matched' ? (candidates[0]?.confidence ?? 0) : 0),
        numeric: true,
      },
      { title: 'Evidence', cell: evidenceOfMapping, wide: true },
    ],
  });
  listing.set(found.mappings ?? []);
  return [listing.element, excluded(found.excluded ?? []), metricsOf(found.metrics ?? [])];
}

function evidenceOfMapping({ candidates, status }) {
  const [best, ...others] = candidates;
  if (!best) return el('span', { class: 'quiet' }, 'Nothing in the catalog comes near it.');
  const columns = best.columns?.length
    ? el('p', { class: 'quiet' }, 'Columns: ', best.columns.map(nameOfColumn).join(', '))
    : null;
  const second = others.length
    ? el(
        'details',
        {},
        el('summary', {}, counted(others.length, 'other candidate')),
        el(
          'ul',
          { class: 'tight' },
          others.map((other) =>
            el(
              'li',
              {},
              tableLink(other.full_name),
              ` ${percent(other.confidence)}`,
              el('span', { class: 'quiet block' }, other.evidence.join('; ')),
            ),
          ),
        ),
      )
    : null;
  const reached =
    status === 'matched'
      ? null
      : el('p', {}, 'Nearest, and not near enough: ', tableLink(best.full_name), ` ${percent(best.confidence)}`);
  return [reached, paragraphs(best.evidence, 'evidence'), columns, second];
}

function nameOfColumn(column) {
  return short(typeof column === 'string' ? column : (column.column ?? column.name ?? ''));
}

function excluded(list) {
  if (!list.length) return null;
  const items = list
    .slice(0, 200)
    .map(({ table, reason }) => el('li', {}, tableLink(table), ' – ', el('bdi', {}, reason)));
  return el(
    'details',
    {},
    el('summary', {}, `${counted(list.length, 'table')} ruled out by the request`),
    el('ul', { class: 'tight' }, items),
  );
}

function metricsOf(list) {
  if (!list.length) return null;
  const listing = new Listing({
    caption: 'Metrics and the columns they are computed from',
    text: ({ metric }) => metric,
    columns: [
      { title: 'Metric', cell: ({ metric }) => el('bdi', {}, short(metric, 300)), sort: ({ metric }) => metric },
      {
        title: 'Computed from',
        wide: true,
        cell: ({ columns, computed_as: formula, status }) => [
          formula ? el('p', {}, formula) : null,
          columns.length
            ? el(
                'ul',
                { class: 'tight' },
                columns.map((column) =>
                  el(
                    'li',
                    {},
                    name(`${column.table}.${column.column}`),
                    el('span', { class: 'quiet' }, ` ${words(column.kind)}, ${percent(column.confidence)}`),
                  ),
                ),
              )
            : mark(status === 'matched' ? 'no column' : 'gap: no column found', 'bad'),
        ],
      },
    ],
  });
  listing.set(list);
  return [el('h3', {}, 'Metrics'), listing.element];
}

/** Which tables are facts and dimensions. */
export function model({ tool2_output: built = {} }) {
  const rows = [
    ...(built.facts ?? []).map((item) => ({ ...item, type: 'fact', about: item.grain })),
    ...(built.dimensions ?? []).map((item) => ({ ...item, type: 'dimension', about: words(item.kind) })),
    ...(built.bridges ?? []).map((item) => ({ ...item, type: 'bridge', about: item.grain })),
    ...(built.unclassified ?? []).map((item) => ({ ...item, type: 'unclassified', about: words(item.kind) })),
  ];
  const listing = new Listing({
    caption: 'Facts, dimensions and other tables in scope',
    size: 25,
    text: ({ full_name: full, about, type }) => `${full} ${about} ${type}`,
    columns: [
      { title: 'Table', cell: ({ full_name: full, name: label }) => tableLink(full, label), sort: (row) => row.name },
      {
        title: 'Class',
        tight: true,
        cell: ({ type }) => el('span', { class: `mark mark-${type}` }, type),
        sort: (row) => row.type,
      },
      {
        title: 'Grain, or kind',
        cell: ({ about, role_of: played }) => [
          el('bdi', {}, short(about || 'unknown', 300)),
          played ? [', role of ', name(short(played))] : null,
        ],
        sort: (row) => row.about,
      },
      {
        title: 'Key',
        cell: ({ primary_key: key }) =>
          key?.length ? name(short(key.join(', '), 300)) : el('span', { class: 'quiet' }, 'unknown'),
      },
      {
        title: 'Confidence',
        cell: ({ confidence }) => share(confidence),
        sort: (row) => row.confidence,
        numeric: true,
      },
      {
        title: 'Why',
        tight: true,
        cell: ({ rationale }) => el('details', {}, el('summary', {}, 'Evidence'), el('p', { dir: 'auto' }, rationale)),
      },
    ],
  });
  const asked = rows.filter(({ requested }) => requested);
  return [chooser('tables', ['The request’s', asked], ['All in scope', rows], listing), listing.element];
}

/** Two sets of rows to choose from. */
function chooser(what, [firstLabel, first], [secondLabel, second], listing) {
  const choose = (rows, chosen) => () => {
    [one, two].forEach((each) => each.setAttribute('aria-pressed', String(each === chosen())));
    listing.set(rows);
  };
  const one = el(
    'button',
    { type: 'button', on: { click: () => choose(first, () => one)() } },
    `${firstLabel} (${count(first.length)})`,
  );
  const two = el(
    'button',
    { type: 'button', on: { click: () => choose(second, () => two)() } },
    `${secondLabel} (${count(second.length)})`,
  );
  choose(first.length ? first : second, () => (first.length ? one : two))();
  return el('div', { class: 'chooser', role: 'group', 'aria-label': `Which ${what}` }, one, two);
}

/** How the tables join. */
export function joins({ tool2_output: built = {} }) {
  const all = built.relationships ?? [];
  const asked = new Set(
    [...(built.facts ?? []), ...(built.dimensions ?? []), ...(built.bridges ?? [])]
      .filter((item) => item.requested)
      .map((item) => item.full_name),
  );
  const between = all.filter((join) => asked.has(join.from_table) && asked.has(join.to_table));
  const end = (table, column) => [
    tableLink(table, table.split('.').at(-1)),
    el('span', { class: 'block' }, name(short(column))),
  ];
  const listing = new Listing({
    caption: 'Joins between tables',
    size: 25,
    text: (join) => `${join.from_table} ${join.from_column} ${join.to_table} ${join.to_column} ${join.origin}`,
    columns: [
      {
        title: 'From',
        cell: (join) => end(join.from_table, join.from_column),
        sort: (join) => `${join.from_table} ${join.from_column}`,
      },
      {
        title: 'To',
        cell: (join) => end(join.to_table, join.to_column),
        sort: (join) => `${join.to_table} ${join.to_column}`,
      },
      { title: 'Cardinality', tight: true, cell: (join) => words(join.cardinality), sort: (join) => join.cardinality },
      {
        title: 'Origin',
        tight: true,
        cell: (join) => [
          mark(join.origin, join.origin === 'declared' ? 'good' : 'plain'),
          join.group ? el('span', { class: 'quiet block' }, 'part of a composite key') : null,
        ],
        sort: (join) => join.origin,
      },
      { title: 'Confidence', cell: (join) => share(join.confidence), sort: (join) => join.confidence, numeric: true },
      {
        title: 'Why',
        tight: true,
        cell: (join) => el('details', {}, el('summary', {}, 'Evidence'), paragraphs(join.evidence ?? [], '')),
      },
    ],
  });
  return [chooser('joins', ['Between the request’s tables', between], ['All in scope', all], listing), listing.element];
}
