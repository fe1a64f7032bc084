// A table of any length: sorted by its headings, filtered as one types, shown page by page, so that ten
// thousand rows cost what fifty do.

import { button, el, replace } from './dom.js';
import { count, folded } from './format.js';

let made = 0;

export class Listing {
  /**
   * `columns`: `{ title, cell(row), sort?(row), numeric?, wide?, tight? }`, the first of which names its row.
   * `text(row)` is what the built-in filter looks in; without it there is none.
   */
  constructor({ caption, columns, size = 50, text = null, empty = 'Nothing fits.', order = null, onOrder = null }) {
    Object.assign(this, { columns, size, text, empty, order, onOrder });
    this.rows = [];
    this.page = 0;
    this.head = el('tr', { role: 'row' });
    this.body = el('tbody', { role: 'rowgroup' });
    this.range = el('p', { class: 'quiet range', role: 'status' });
    this.back = button('Previous', () => this.turn(-1));
    this.next = button('Next', () => this.turn(1));
    this.pages = el('div', { class: 'pages' }, this.back, this.next);
    // The roles are said again: as cards on a phone, `display` would take them away.
    this.table = el(
      'table',
      { class: 'listing', role: 'table' },
      el('caption', { class: 'unseen' }, caption),
      el('thead', { role: 'rowgroup' }, this.head),
      this.body,
    );
    const above = el('div', { class: 'listing-above' }, text ? this.#filter(caption) : null, this.range, this.pages);
    this.element = el('div', { class: 'listing-frame' }, above, this.table);
    this.#heads();
  }

  /** Shows these rows, from the first page. */
  set(rows) {
    this.rows = rows;
    this.page = 0;
    this.#arrange();
  }

  turn(by) {
    this.page += by;
    this.#show();
    // A button that has just been switched off would take the focus with it.
    if (this.back.disabled && by < 0) this.next.focus();
    if (this.next.disabled && by > 0) this.back.focus();
  }

  #filter(caption) {
    made += 1;
    const id = `filter-${made}`;
    this.input = el('input', {
      id,
      type: 'search',
      autocomplete: 'off',
      spellcheck: 'false',
      placeholder: 'Filter',
      on: {
        input: () => {
          this.page = 0;
          this.#arrange();
        },
      },
    });
    this.filter = el(
      'div',
      { class: 'listing-filter' },
      el('label', { class: 'unseen', for: id }, `Filter: ${caption}`),
      this.input,
    );
    return this.filter;
  }

  #heads() {
    const heads = this.columns.map((column, i) => {
      const ordered = this.order?.column === i;
      const label = column.sort ? button(column.title, () => this.#orderBy(i), { class: 'sort' }) : column.title;
      return el(
        'th',
        {
          scope: 'col',
          role: 'columnheader',
          class: column.numeric ? 'numeric' : null,
          'aria-sort': ordered ? (this.order.down ? 'descending' : 'ascending') : null,
        },
        label,
      );
    });
    replace(this.head, heads);
  }

  #orderBy(column) {
    const down = this.order?.column === column ? !this.order.down : Boolean(this.columns[column].numeric);
    this.order = { column, down };
    this.page = 0;
    this.onOrder?.(this.order);
    this.#heads();
    this.head.children[column].firstChild.focus();
    this.#arrange();
  }

  /** Filters and sorts, then shows. */
  #arrange() {
    const wanted = folded(this.input?.value.trim() ?? '');
    const fitting = wanted ? this.rows.filter((row) => folded(this.text(row)).includes(wanted)) : [...this.rows];
    const sort = this.columns[this.order?.column]?.sort;
    if (sort) {
      const sign = this.order.down ? -1 : 1;
      fitting.sort((a, b) => sign * compare(sort(a), sort(b)));
    }
    this.fitting = fitting;
    this.#show();
  }

  #show() {
    const { fitting, size } = this;
    const last = Math.max(0, Math.ceil(fitting.length / size) - 1);
    this.page = Math.min(Math.max(0, this.page), last);
    const from = this.page * size;
    const shown = fitting.slice(from, from + size);
    this.back.disabled = this.page === 0;
    this.next.disabled = this.page === last;
    this.pages.hidden = last === 0;
    if (this.filter) this.filter.hidden = this.rows.length <= 8;
    this.table.hidden = shown.length === 0;
    const of =
      fitting.length === this.rows.length
        ? count(fitting.length)
        : `${count(fitting.length)} (${count(this.rows.length)} without the filter)`;
    if (!shown.length) this.range.textContent = this.empty;
    else if (last === 0) this.range.textContent = fitting.length === this.rows.length ? `${of} in all` : `${of}`;
    else this.range.textContent = `${count(from + 1)}–${count(from + shown.length)} of ${of}`;
    replace(
      this.body,
      shown.map((row) => this.#row(row)),
    );
  }

  #row(row) {
    const cells = this.columns.map((column, i) =>
      el(
        i === 0 ? 'th' : 'td',
        {
          scope: i === 0 ? 'row' : null,
          role: i === 0 ? 'rowheader' : 'cell',
          class:
            [column.numeric && 'numeric', column.wide && 'wide', column.tight && 'tight-cell']
              .filter(Boolean)
              .join(' ') || null,
          'data-label': column.title,
        },
        column.cell(row),
      ),
    );
    return el('tr', { role: 'row' }, cells);
  }
}

const ORDER = new Intl.Collator('en', { numeric: true });

function compare(a, b) {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return ORDER.compare(String(a ?? ''), String(b ?? ''));
}
