// The page put together: which view is shown, and how the focus gets there.

import { getJson } from './api.js';
import { prepareTokenDialog } from './authorization.js';
import { catalogView } from './catalog.js';
import { chatView } from './chat.js';
import { diagramView } from './diagram.js';
import { byId } from './dom.js';
import { count, counted } from './format.js';
import { place } from './place.js';
import { requestView } from './request.js';
import { runView } from './run.js';

const VIEWS = { request: requestView, run: runView, diagram: diagramView, catalog: catalogView, chat: chatView };
/** A run is what became of a request: it has no entry of its own in the navigation. */
const ENTRY = { run: 'request' };

let shown = null;

function show() {
  // The skip link and other fragments are no views.
  if (location.hash && !location.hash.startsWith('#/')) return;
  const { view: wanted, params } = place();
  const view = Object.hasOwn(VIEWS, wanted) ? wanted : 'request';
  const changed = view !== shown;
  for (const name of Object.keys(VIEWS)) byId(`view-${name}`).hidden = name !== view;
  document.querySelectorAll('nav.views a').forEach((link) => {
    if (link.dataset.view === (ENTRY[view] ?? view)) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  });
  document.title = `${VIEWS[view].title} – Metadata Copilot`;
  if (changed && shown) VIEWS[shown].hide?.();
  const first = shown === null;
  shown = view;
  VIEWS[view].show(params, { changed });
  if (changed && !first) {
    scrollTo(0, 0);
    byId(`view-${view}`).querySelector('h1').focus({ preventScroll: true });
  }
}

async function sayCatalogSize() {
  try {
    const stats = await getJson('api/stats');
    byId('catalog-size').textContent = `${counted(stats.total_tables, 'table')}, ${count(stats.total_columns)} columns`;
  } catch {
    // Each view says by itself that the service cannot be reached.
  }
}

document.querySelector('.skip').addEventListener('click', (event) => {
  event.preventDefault();
  byId('main').focus();
});
addEventListener('hashchange', show);
prepareTokenDialog();
show();
sayCatalogSize();
