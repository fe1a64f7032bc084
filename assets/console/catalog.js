// The catalog: every table to filter and sort, or tables by what a business term means.

import { adviceOf, getJson, query } from './api.js';
import { byId, el, name, replace } from './dom.js';
import { folded, percent, share, short, typeMark } from './format.js';
import { Listing } from './listing.js';
import { address, amend, place } from './place.js';
import { tableDetails } from './table.js';

/** Typing rests this long before a filter counts. */
const REST_MS = 80;
const FOUND_MAX = 50;

export const catalogView = { title: 'Catalog', show };

let listing = null;
let tables = null;
let searched = null;
let resting = 0;

function show(params) {
  if (!listing) prepare();
  const terms = params.find === 'terms';
  byId('browse').hidden = terms;
  byId('terms').hidden = !terms;
  document.querySelectorAll('[data-find]').forEach((link) => {
    if ((link.dataset.find === 'terms') === terms) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  });
  if (terms) {
    if (byId('term-q').value !== (params.q ?? '')) byId('term-q').value = params.q ?? '';
    search(params.q ?? '');
  } else {
    set('table-q', params.q);
    set('table-type', params.type);
    set('table-schema', params.schema);
    if (tables) filter();
    else load();
  }
  showTable(params.table);
}

function set(id, value = '') {
  const field = byId(id);
  field.dataset.wanted = value;
  if (field.value !== value) field.value = value;
}

function prepare() {
  listing = new Listing({
    caption: 'Tables of the catalog',
    size: 50,
    empty: 'No table fits.',
    order: { column: 0, down: false },
    columns: [
      { title: 'Table', cell: opener, sort: ({ name: label }) => label },
      { title: 'Type', tight: true, cell: ({ table_type: type }) => typeMark(type), sort: (table) => table.table_type },
      { title: 'Schema', cell: ({ schema }) => name(short(schema)), sort: ({ schema }) => schema },
      {
        title: 'Columns',
        tight: true,
        cell: (table) => String(table.column_count),
        sort: (table) => table.column_count,
        numeric: true,
      },
      {
        title: 'Confidence',
        tight: true,
        cell: ({ confidence }) => share(confidence),
        sort: ({ confidence }) => confidence,
        numeric: true,
      },
      {
        title: 'Description',
        cell: ({ description }) =>
          description ? el('bdi', {}, short(description, 240)) : el('span', { class: 'quiet' }, '–'),
        sort: ({ description }) => description ?? '',
        wide: true,
      },
    ],
  });
  replace(byId('tables'), listing.element);
  const form = byId('table-filter');
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('input', () => {
    clearTimeout(resting);
    resting = setTimeout(() => {
      const [q, type, schema] = ['table-q', 'table-type', 'table-schema'].map((id) => byId(id).value);
      amend('catalog', { q, type, schema, table: place().params.table });
      filter();
    }, REST_MS);
  });
  byId('term-form').addEventListener('submit', (event) => {
    event.preventDefault();
    location.hash = address('catalog', { find: 'terms', q: byId('term-q').value.trim(), table: place().params.table });
  });
}

/** A link that opens a table beside what is shown now. */
function opener({ full_name: full, name: label }) {
  const link = el(
    'a',
    {
      href: address('catalog', { table: full }),
      class: 'open',
      title: short(full, 300),
      'data-full-name': full,
      'aria-current': place().params.table === full ? 'true' : null,
    },
    name(short(label)),
  );
  // The address of the moment it is followed: filters may have changed since it was made.
  link.addEventListener('click', () =>
    link.setAttribute('href', address('catalog', { ...place().params, table: full })),
  );
  return link;
}

async function load() {
  listing.range.textContent = 'Loading…';
  try {
    const all = await getJson('api/tables');
    tables = all.map((table) => ({ ...table, text: folded(`${table.full_name} ${table.description ?? ''}`) }));
    const schemas = [...new Set(all.map(({ schema }) => schema))].sort();
    replace(
      byId('table-schema'),
      el('option', { value: '' }, 'All'),
      schemas.map((schema) => el('option', { value: schema }, short(schema, 80))),
    );
    set('table-schema', byId('table-schema').dataset.wanted);
    filter();
  } catch (error) {
    listing.set([]);
    listing.range.textContent = adviceOf(error);
  }
}

function filter() {
  const [q, type, schema] = ['table-q', 'table-type', 'table-schema'].map((id) => byId(id).value);
  const wanted = folded(q).split(/\s+/).filter(Boolean);
  const fits = (table) =>
    (!type || table.table_type === type) &&
    (!schema || table.schema === schema) &&
    wanted.every((word) => table.text.includes(word));
  listing.set((tables ?? []).filter(fits));
}

function search(q) {
  const place = byId('found');
  if (q === searched) return;
  searched = q;
  if (!q) {
    place.replaceChildren();
    return;
  }
  const say = (text) => replace(place, el('p', { class: 'note', role: 'status' }, text));
  say('Looking…');
  getJson(`api/search${query({ q, limit: FOUND_MAX })}`).then(
    ({ items, total }) => {
      if (q !== searched) return;
      if (items.length) replace(place, found(q, items, total));
      else say(`The catalog has nothing that means “${short(q, 80)}”.`);
    },
    (error) => {
      if (q !== searched) return;
      searched = null;
      say(error.status === 404 ? 'This service cannot look for terms; browse the tables instead.' : adviceOf(error));
    },
  );
}

function found(q, items, total) {
  const item = (table) =>
    el(
      'li',
      {},
      el(
        'div',
        { class: 'found-head' },
        el('h2', {}, opener(table)),
        typeMark(table.table_type),
        share(table.confidence),
      ),
      el('p', { class: 'quiet' }, name(short(table.schema))),
      table.description ? el('p', { dir: 'auto' }, short(table.description, 300)) : null,
      el(
        'ul',
        { class: 'tight evidence' },
        (table.evidence ?? []).map((line) => el('li', { dir: 'auto' }, line)),
      ),
      table.columns?.length
        ? el('p', { class: 'quiet' }, 'Columns: ', table.columns.slice(0, 12).map(columnName).join(', '))
        : null,
    );
  const shown = items.length < total ? `The best ${items.length} of ${total}` : String(total);
  return [
    el('p', { class: 'quiet', role: 'status' }, `${shown} for “${short(q, 80)}”, best first.`),
    el('ol', { class: 'found' }, items.map(item)),
  ];
}

function columnName(column) {
  if (typeof column === 'string') return short(column);
  const label = short(column.name ?? column.column ?? '');
  return typeof column.confidence === 'number' ? `${label} (${percent(column.confidence)})` : label;
}

function showTable(table) {
  const pane = byId('table-pane');
  pane.parentElement.classList.toggle('with-details', Boolean(table));
  pane.hidden = !table;
  document.querySelectorAll('#view-catalog a.open').forEach((link) => {
    if (table && link.dataset.fullName === table) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
  });
  const before = pane.dataset.table;
  if (!table) {
    delete pane.dataset.table;
    pane.replaceChildren();
    const link = [...document.querySelectorAll('#view-catalog a.open')].find(
      ({ dataset }) => dataset.fullName === before,
    );
    if (before) (link ?? byId('catalog-title')).focus();
    return;
  }
  if (before === table) return;
  pane.dataset.table = table;
  const close = () => (location.hash = address('catalog', { ...place().params, table: null }));
  replace(pane, tableDetails(table, { close }));
  pane.scrollTop = 0;
  pane.onkeydown = ({ key }) => key === 'Escape' && close();
}
