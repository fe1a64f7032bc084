// The result of a run as a report: what an architect reads before building.

import { adviceOf, getJson, url } from './api.js';
import { el, name, replace } from './dom.js';
import { fileLink } from './download.js';
import { entities, joins, model, paragraphs } from './findings.js';
import { bytes, count, counted, mark, percent, share, short, words } from './format.js';
import { Listing } from './listing.js';
import { address } from './place.js';
import { security } from './security.js';

const RISK = { low: 'good', medium: 'fair', high: 'bad', critical: 'bad' };
const PRIORITY = { P0: 'bad', P1: 'fair', P2: 'plain' };

/** The report of a finished run. */
export function report(run) {
  const sections = [
    ['summary', 'Summary', summary(run)],
    ['entities', 'Entities', entities(run)],
    ['model', 'Facts and dimensions', model(run)],
    ['joins', 'Joins', joins(run)],
    ['recommendations', 'Recommendations', recommendations(run)],
    run.tool4_output ? ['security', 'Security', security(run.tool4_output)] : null,
    ['documents', 'Documents', documents(run)],
  ].filter(Boolean);
  const link = ([id, title]) =>
    el('li', {}, el('a', { href: address('run', { id: run.session_id, section: id }) }, title));
  const diagram = el('li', {}, el('a', { href: address('diagram', { run: run.session_id }) }, 'Diagram'));
  const chat = el('li', {}, el('a', { href: address('chat', { session: run.session_id }) }, 'Ask about it'));
  const contents = el(
    'nav',
    { class: 'contents', 'aria-label': 'Report' },
    el('ul', {}, sections.map(link), diagram, chat),
  );
  const body = sections.map(([id, title, content]) =>
    el(
      'section',
      { id: `section-${id}`, 'aria-labelledby': `title-${id}` },
      el('h2', { id: `title-${id}`, tabindex: '-1' }, title),
      content,
    ),
  );
  return [contents, el('div', { class: 'report-body' }, body)];
}

/** Moves to a part of the report, as its contents list asks. */
export function scrollToSection(section) {
  const title = section && document.getElementById(`title-${section}`);
  document.querySelectorAll('.contents a').forEach((link) => {
    const isIt = new URLSearchParams(link.hash.split('?')[1]).get('section') === section;
    if (section && isIt) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
  });
  if (!title) return;
  title.scrollIntoView();
  title.focus({ preventScroll: true });
}

function summary(run) {
  const {
    tool0_output: request = {},
    tool1_output: found = {},
    tool2_output: built = {},
    tool3_output: quality = {},
  } = run;
  const { stats = {} } = found;
  const { metrics = {} } = built;
  const figure = (value, label, more) =>
    el('div', { class: 'figure-box' }, el('dt', {}, label), el('dd', {}, el('span', { class: 'big' }, value), more));
  const figures = el(
    'dl',
    { class: 'figures' },
    figure(typeof quality.quality_score === 'number' ? percent(quality.quality_score) : 'unknown', 'Quality score'),
    figure(mark(quality.risk_level ?? 'unknown', RISK[quality.risk_level]), 'Risk'),
    figure(`${count(stats.matched ?? 0)} of ${count(stats.entities ?? 0)}`, 'Entities found'),
    figure(count(stats.tables_in_scope ?? 0), 'Tables in scope'),
    figure(count(metrics.facts_count ?? 0), 'Facts'),
    figure(count(metrics.dimensions_count ?? 0), 'Dimensions'),
    figure(count(metrics.relationships_count ?? 0), 'Joins'),
  );
  const { sponsor, submitted_at: submitted, extra } = request.project_metadata ?? {};
  const about = [
    ['Sponsor', sponsor],
    ['Submitted', submitted],
    ...Object.entries(extra ?? {}),
    ['Scope', found.scope || 'the whole catalog'],
    ['Language', request.language],
  ];
  return [
    request.goal ? el('p', { class: 'goal', dir: 'auto' }, request.goal) : null,
    figures,
    quality.risk_reason ? el('p', { class: 'quiet' }, `Risk is ${quality.risk_level}: ${quality.risk_reason}.`) : null,
    warnings(run.warnings ?? []),
    el(
      'dl',
      { class: 'facts' },
      about
        .filter(([, value]) => value)
        .map(([key, value]) => el('div', {}, el('dt', {}, key), el('dd', { dir: 'auto' }, String(value)))),
    ),
    el('details', {}, el('summary', {}, 'How the quality score comes about'), scoreTerms(quality.score_terms ?? [])),
  ];
}

function warnings(list) {
  if (!list.length) return null;
  return el('div', { class: 'note fair' }, el('h3', {}, counted(list.length, 'warning')), paragraphs(list, ''));
}

function scoreTerms(terms) {
  const listing = new Listing({
    caption: 'Terms of the quality score',
    columns: [
      { title: 'Term', cell: ({ term }) => words(term) },
      { title: 'Covered', cell: ({ value }) => share(value, 'coverage'), sort: ({ value }) => value, numeric: true },
      { title: 'Weight', cell: ({ weight }) => percent(weight), sort: ({ weight }) => weight, numeric: true },
      {
        title: 'Adds',
        cell: ({ contribution }) => contribution.toFixed(3),
        sort: ({ contribution }) => contribution,
        numeric: true,
      },
    ],
  });
  listing.set(terms);
  return listing.element;
}

function recommendations({ tool3_output: quality = {} }) {
  const listing = new Listing({
    caption: 'Recommendations',
    size: 25,
    empty: 'None: the documentation holds all that is looked for.',
    columns: [
      {
        title: 'Priority',
        tight: true,
        cell: ({ priority }) => mark(priority, PRIORITY[priority]),
        sort: (row) => row.priority,
      },
      { title: 'What to do', cell: ({ message }) => message, wide: true },
      { title: 'Category', tight: true, cell: ({ category }) => words(category), sort: (row) => row.category },
      {
        title: 'Affected',
        cell: ({ affected = [], affected_count: all }) =>
          el(
            'details',
            {},
            el('summary', {}, counted(all, 'asset')),
            el(
              'ul',
              { class: 'tight' },
              affected.slice(0, 50).map((one) => el('li', {}, name(short(one)))),
            ),
            all > Math.min(50, affected.length)
              ? el('p', { class: 'quiet' }, `and ${count(all - Math.min(50, affected.length))} more`)
              : null,
          ),
        sort: (row) => row.affected_count,
      },
    ],
  });
  listing.set(quality.recommendations ?? []);
  const anomalies = (quality.anomalies ?? []).map(({ severity, message, affected_count: affected }) =>
    el(
      'li',
      {},
      mark(severity, severity === 'warning' ? 'fair' : severity === 'error' ? 'bad' : 'plain'),
      ` ${message} (${count(affected)})`,
    ),
  );
  return [
    listing.element,
    anomalies.length ? [el('h3', {}, 'Anomalies'), el('ul', { class: 'tight' }, anomalies)] : null,
  ];
}

function documents(run) {
  const place = el('div', {}, el('p', { class: 'quiet' }, 'Loading the list of documents…'));
  getJson(url`api/pipeline/${run.session_id}/artifacts`).then(
    ({ artifacts }) => replace(place, files(artifacts, run.session_id)),
    (failure) =>
      replace(
        place,
        el(
          'p',
          { class: 'note' },
          failure.status === 404
            ? 'This service offers no documents; the result as JSON is all there is: '
            : adviceOf(failure),
          ' ',
          fileLink(url`api/pipeline/${run.session_id}/result`, 'result.json', 'result.json'),
        ),
      ),
  );
  return place;
}

function files(artifacts, id) {
  const zip = artifacts.some((file) => file.name === 'artifacts.zip');
  const link = (file, label, attributes) =>
    fileLink(url`api/pipeline/${id}/artifacts/${file}`, file, label, attributes);
  const item = (file) =>
    el(
      'li',
      {},
      link(file.name, file.name),
      el('span', { class: 'quiet' }, ` ${typeof file.bytes === 'number' ? bytes(file.bytes) : ''}`),
      file.description ? el('span', { class: 'block', dir: 'auto' }, file.description) : null,
    );
  const all = zip
    ? null
    : el(
        'p',
        {},
        link('artifacts.zip', 'Download all as one zip', { class: 'button' }),
      );
  return [all, el('ul', { class: 'documents' }, artifacts.map(item))];
}
