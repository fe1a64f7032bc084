// A diagram that the service drew, in the page: checked element by element, then moved and zoomed by its view box.

import { button, el } from './dom.js';

const ELEMENTS = new Set(
  'svg g defs marker title desc rect path line polyline polygon circle ellipse text tspan'.split(' '),
);
const ATTRIBUTES = new Set(
  (
    'viewBox width height x y x1 y1 x2 y2 cx cy r rx ry d points dx dy transform fill fill-opacity fill-rule stroke ' +
    'stroke-width stroke-opacity stroke-dasharray stroke-linecap stroke-linejoin opacity font-family font-size font-weight ' +
    'font-style text-anchor dominant-baseline textLength lengthAdjust letter-spacing marker-start marker-mid marker-end ' +
    'markerWidth markerHeight markerUnits refX refY orient preserveAspectRatio vector-effect id class tabindex role ' +
    'aria-label aria-labelledby aria-hidden data-table data-parent data-child direction unicode-bidi'
  ).split(' '),
);
const SVG = 'http://www.w3.org/2000/svg';

// Where the browser has Trusted Types, this is the only way in the page from text to elements; it leads into
// a document of its own, in which nothing runs.
const policy = window.trustedTypes?.createPolicy('diagram', { createHTML: (text) => text });

/** The root element of a drawing, made of known elements and attributes only. */
function parsed(text) {
  const source = policy ? policy.createHTML(text) : text;
  const { documentElement: root } = new DOMParser().parseFromString(source, 'image/svg+xml');
  if (root.namespaceURI !== SVG || root.localName !== 'svg' || root.querySelector('parsererror')) {
    throw new Error('the drawing is no SVG');
  }
  // Before it gets into the page: what is in a page begins to load.
  clean(root);
  return document.importNode(root, true);
}

function clean(root) {
  for (const element of [root, ...root.querySelectorAll('*')]) {
    if (element.namespaceURI !== SVG || !ELEMENTS.has(element.localName)) {
      element.remove();
      continue;
    }
    for (const { name, value } of [...element.attributes]) {
      const foreign = value.includes('url(') && !/^url\(#[\w-]+\)$/.test(value);
      if (!ATTRIBUTES.has(name) || foreign) element.removeAttribute(name);
    }
  }
}

const STEP = 1.25;
const NEAREST = 8;
/** Farther than this, and a press is a drag and no click; in pixels. */
const DRAG = 4;

export class Drawing {
  /** `onOpen(table)` is told the full name of a table that is clicked or entered. */
  constructor({ label, onOpen, tall = false }) {
    this.onOpen = onOpen;
    this.stage = el('div', {
      class: `stage${tall ? ' stage-tall' : ''}`,
      tabindex: '0',
      role: 'group',
      'aria-label': `${label}. Arrow keys move it, plus and minus zoom, 0 fits it.`,
    });
    this.scale = el('output', { class: 'scale quiet', 'aria-label': 'Zoom' });
    this.tools = el(
      'div',
      { class: 'drawing-tools', role: 'group', 'aria-label': 'Zoom' },
      button('−', () => this.zoom(1 / STEP), { 'aria-label': 'Zoom out', class: 'square' }),
      button('+', () => this.zoom(STEP), { 'aria-label': 'Zoom in', class: 'square' }),
      button('Fit', () => this.fit()),
      this.scale,
    );
    this.element = el('div', { class: 'drawing' }, this.tools, this.stage);
    this.pointers = new Map();
    this.#listen();
    new ResizeObserver(() => this.#resized()).observe(this.stage);
  }

  /** Shows a drawing, fitted. */
  show(text) {
    const root = parsed(text);
    const box = (root.getAttribute('viewBox') ?? '').split(/[\s,]+/).map(Number);
    const size = [root.getAttribute('width'), root.getAttribute('height')].map(
      (value) => Number.parseFloat(value) || 100,
    );
    this.full = box.length === 4 && box.every(Number.isFinite) ? box : [0, 0, ...size];
    ['width', 'height', 'aria-label', 'aria-labelledby', 'tabindex'].forEach((name) => root.removeAttribute(name));
    // Not `img`: what is inside an image cannot be reached, and tables can.
    root.setAttribute('role', 'group');
    root.setAttribute('aria-label', 'Tables');
    root.querySelectorAll('[data-table]').forEach((entity) => {
      entity.setAttribute('tabindex', '0');
      entity.setAttribute('role', 'button');
      // Its title names it just so; a label would have to hold all text that is seen in it.
      entity.removeAttribute('aria-label');
    });
    this.root = root;
    this.edges = [...root.querySelectorAll('.edge')];
    this.stage.replaceChildren(root);
    this.markOpen(this.opened);
    this.fit();
  }

  /** Marks the table whose details are open, if any. */
  markOpen(table) {
    this.opened = table;
    this.root
      ?.querySelectorAll('.entity')
      .forEach((entity) => entity.classList.toggle('open', entity.dataset.table === table));
    this.#light(table);
  }

  /** Brings out the joins of a table. */
  #light(table) {
    this.edges?.forEach((edge) => {
      const { parent, child } = edge.dataset;
      edge.classList.toggle('lit', table !== undefined && (parent === table || child === table));
    });
  }

  /** The element of a table. */
  entity(table) {
    return [...(this.root?.querySelectorAll('[data-table]') ?? [])].find((entity) => entity.dataset.table === table);
  }

  /** All of it, not larger than life. */
  fit() {
    if (!this.root) return;
    const [x, y, width, height] = this.full;
    const { clientWidth, clientHeight } = this.stage;
    if (!clientWidth || !clientHeight) return;
    const per = Math.max(width / clientWidth, height / clientHeight, 1);
    this.#look(x + (width - clientWidth * per) / 2, y + (height - clientHeight * per) / 2, per);
    this.fitted = true;
  }

  /** Zooms around a point of the stage, its middle by default. */
  zoom(factor, px = this.stage.clientWidth / 2, py = this.stage.clientHeight / 2) {
    if (!this.root) return;
    const farthest = Math.max(this.full[2] / this.stage.clientWidth, this.full[3] / this.stage.clientHeight, 1) * 2;
    const per = Math.min(farthest, Math.max(1 / NEAREST, this.per / factor));
    this.#look(this.x + px * (this.per - per), this.y + py * (this.per - per), per);
  }

  /** Moves what is seen by pixels. */
  pan(dx, dy) {
    if (this.root) this.#look(this.x + dx * this.per, this.y + dy * this.per, this.per);
  }

  /** Looks at a place; `per` is units of the drawing to a pixel. */
  #look(x, y, per) {
    Object.assign(this, { x, y, per, fitted: false });
    const { clientWidth, clientHeight } = this.stage;
    this.root.setAttribute(
      'viewBox',
      [x, y, clientWidth * per, clientHeight * per].map((value) => value.toFixed(2)).join(' '),
    );
    this.scale.textContent = `${Math.round(100 / per)} %`;
  }

  #resized() {
    if (!this.root || !this.stage.clientWidth) return;
    if (this.fitted || !this.per) this.fit();
    else this.#look(this.x, this.y, this.per);
  }

  #listen() {
    const { stage } = this;
    stage.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
    stage.addEventListener('pointerdown', (event) => this.#down(event));
    stage.addEventListener('pointermove', (event) => this.#move(event));
    ['pointerup', 'pointercancel'].forEach((name) => stage.addEventListener(name, (event) => this.#up(event)));
    stage.addEventListener('keydown', (event) => this.#key(event));
    stage.addEventListener('focusin', ({ target }) => this.#bringIntoView(target));
    ['focusin', 'pointerover'].forEach((name) =>
      stage.addEventListener(name, ({ target }) =>
        this.#light(target.closest('.entity')?.dataset.table ?? this.opened),
      ),
    );
  }

  #at({ clientX, clientY }) {
    const { left, top } = this.stage.getBoundingClientRect();
    return [clientX - left, clientY - top];
  }

  #wheel(event) {
    // Without the key the wheel scrolls the page, as everywhere. A trackpad's pinch comes with it set.
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.002)), ...this.#at(event));
  }

  #down(event) {
    if (event.button !== 0) return;
    this.pointers.set(event.pointerId, this.#at(event));
    this.travelled = this.pointers.size > 1 ? DRAG : 0;
  }

  #move(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const now = this.#at(event);
    const [dx, dy] = [now[0] - before[0], now[1] - before[1]];
    this.travelled += Math.hypot(dx, dy);
    if (this.travelled < DRAG) return;
    // Captured only now: a capture would take the click from the table under it.
    if (!this.stage.hasPointerCapture(event.pointerId)) this.stage.setPointerCapture(event.pointerId);
    this.stage.classList.add('dragged');
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
    this.pointers.set(event.pointerId, now);
    if (!other) {
      this.pan(-dx, -dy);
      return;
    }
    const distance = (point) => Math.hypot(point[0] - other[0], point[1] - other[1]);
    this.pan(-dx / 2, -dy / 2);
    this.zoom(distance(now) / Math.max(1, distance(before)), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
  }

  #up(event) {
    if (!this.pointers.delete(event.pointerId)) return;
    this.stage.classList.remove('dragged');
    const entity = event.target instanceof Element ? event.target.closest('[data-table]') : null;
    if (event.type === 'pointerup' && this.travelled < DRAG && entity) this.onOpen(entity.dataset.table);
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const far = event.shiftKey ? 200 : 60;
    const entity = event.target.closest('[data-table]');
    const actions = {
      ArrowLeft: () => this.pan(-far, 0),
      ArrowRight: () => this.pan(far, 0),
      ArrowUp: () => this.pan(0, -far),
      ArrowDown: () => this.pan(0, far),
      '+': () => this.zoom(STEP),
      '=': () => this.zoom(STEP),
      '-': () => this.zoom(1 / STEP),
      0: () => this.fit(),
      Enter: entity && (() => this.onOpen(entity.dataset.table)),
      ' ': entity && (() => this.onOpen(entity.dataset.table)),
    };
    const action = Object.hasOwn(actions, event.key) && actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }

  /** A table that gets the focus by the keyboard is moved to where it can be seen. */
  #bringIntoView(target) {
    const entity = target.closest('[data-table]');
    if (!entity || this.pointers.size) return;
    const [box, stage] = [entity.getBoundingClientRect(), this.stage.getBoundingClientRect()];
    const dx =
      box.right > stage.right || box.left < stage.left ? (box.left + box.right - stage.left - stage.right) / 2 : 0;
    const dy =
      box.bottom > stage.bottom || box.top < stage.top ? (box.top + box.bottom - stage.top - stage.bottom) / 2 : 0;
    if (dx || dy) this.pan(dx, dy);
  }
}
