// The diagram of a run: large, with a focus on one table, and that table's details beside it.

import { query, url } from './api.js';
import { byId, el, replace } from './dom.js';
import { address, amend, place, remember } from './place.js';
import { Picture } from './picture.js';
import { lastRun, result } from './runs.js';
import { tableDetails } from './table.js';

const NAMES_MAX = 500;
const HINT =
  'Drag to move it; Ctrl and the wheel, or a pinch, zoom. Click a table, or press Enter on it, for its details.';

export const diagramView = { title: 'Diagram', show };

let run = null;
let drawn = null;
let parts = null;

function show(params) {
  const id = params.run || lastRun();
  if (!id) {
    run = null;
    byId('diagram-of').textContent = '';
    const start = el('a', { href: address('request') }, 'Start a run');
    const catalog = el('a', { href: address('catalog') }, 'catalog');
    replace(
      byId('diagram'),
      el(
        'p',
        { class: 'note' },
        start,
        ' to see its model drawn. The diagram of a single table is in the ',
        catalog,
        '.',
      ),
    );
    return;
  }
  if (!params.run) amend('diagram', { ...params, run: id });
  if (id !== run) build(id);
  remember('run', id);
  parts.focus.value = params.focus ?? '';
  parts.depth.value = params.depth ?? '';
  parts.columns.value = params.columns ?? '';
  parts.depth.disabled = !params.focus;
  const path =
    url`api/diagram/${id}` +
    query({ focus: params.focus, depth: params.focus && params.depth, max_columns: params.columns });
  if (path !== drawn) {
    drawn = path;
    parts.picture.load(path);
  }
  showTable(params.table);
}

function build(id) {
  run = id;
  drawn = null;
  const picture = new Picture({
    label: 'Diagram of the run',
    file: 'diagram',
    tall: true,
    onOpen: (table) => set({ table }),
  });
  const focus = el('input', {
    id: 'focus',
    list: 'focus-names',
    autocomplete: 'off',
    spellcheck: 'false',
    placeholder: 'all tables',
  });
  const names = el('datalist', { id: 'focus-names' });
  const number = (field, max, placeholder) =>
    el('input', { id: field, type: 'number', min: 0, max, step: 1, placeholder, inputmode: 'numeric' });
  const [depth, columns] = [number('depth', 10, '1'), number('diagram-columns', 1000, 'as run')];
  const field = (label, input) => el('div', { class: 'field' }, el('label', { for: input.id }, label), input);
  const form = el(
    'form',
    {
      class: 'filters',
      'aria-label': 'What is drawn',
      on: {
        submit: (event) => {
          event.preventDefault();
          change();
        },
        change,
      },
    },
    field('Focus on a table', focus),
    names,
    field('Joins away', depth),
    field('Columns per table', columns),
  );
  const pane = el('section', { class: 'pane-details', 'aria-label': 'Table', hidden: true });
  parts = { picture, focus, depth, columns, pane };
  replace(
    byId('diagram'),
    form,
    el(
      'div',
      { class: 'panes panes-diagram' },
      el('div', { class: 'pane-list' }, picture.element, el('p', { class: 'hint quiet' }, HINT)),
      pane,
    ),
  );
  result(id).then(
    (found) => suggest(found, names, id),
    () => {},
  );
}

/** Names to focus on, and what the diagram is of. */
function suggest({ tool0_output: request, tool2_output: built = {} }, names, id) {
  if (id !== run) return;
  byId('diagram-of').textContent = request?.project_metadata?.project_name ?? '';
  const items = [built.facts, built.dimensions, built.bridges].flatMap((list) => list ?? []);
  items.sort((a, b) => Number(b.requested) - Number(a.requested));
  replace(
    names,
    items.slice(0, NAMES_MAX).map((item) => el('option', { value: item.full_name })),
  );
}

function change() {
  const { focus, depth, columns } = parts;
  set({ focus: focus.value.trim(), depth: depth.value, columns: columns.value });
}

/** Changes the address, and so what is shown. */
function set(changes) {
  location.hash = address('diagram', { ...place().params, ...changes });
}

function showTable(table) {
  const { pane, picture } = parts;
  const open = table && pane.dataset.table !== table;
  pane.parentElement.classList.toggle('with-details', Boolean(table));
  pane.hidden = !table;
  picture.drawing.markOpen(table);
  if (!table) {
    const left = pane.dataset.table;
    delete pane.dataset.table;
    pane.replaceChildren();
    if (left) (picture.drawing.entity(left) ?? picture.drawing.stage).focus({ preventScroll: true });
    return;
  }
  if (!open) return;
  pane.dataset.table = table;
  const close = () => set({ table: null });
  replace(pane, tableDetails(table, { close, drawn: false, focus: () => set({ focus: table, table: null }) }));
  pane.onkeydown = ({ key }) => key === 'Escape' && close();
}
