// Elements are made here: text goes in as text, so that no name of the catalog can become markup.

const SVG = 'http://www.w3.org/2000/svg';

/** An element. `on` holds listeners; an attribute that is null, undefined or false is left out. */
export function el(name, attributes, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** The same for SVG. */
export function svg(name, attributes, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

/** Puts these children in the place of all that were there. */
export function replace(node, ...children) {
  node.replaceChildren(...flat(children));
  return node;
}

export function byId(id) {
  return document.getElementById(id);
}

/** Where a technical name may go on in the next line: after a separator, and within what has none. */
const PIECE = /[^_.\s]{1,24}[_.]?\s*|[_.\s]+/gu;

/** A name of the catalog: kept apart from the direction of the text around it. */
export function name(text) {
  const pieces = text.match(PIECE) ?? [];
  return el(
    'bdi',
    { class: 'name' },
    pieces.map((piece, i) => (i ? [el('wbr'), piece] : piece)),
  );
}

/** A button. */
export function button(label, onClick, attributes) {
  return el('button', { type: 'button', on: { click: onClick }, ...attributes }, label);
}

/** Says something to those who listen instead of looking; a polite live region. */
export function announce(text) {
  const region = byId('announcer');
  // A new node each time: the same words twice are two announcements.
  replace(region, el('p', {}, text));
}

function fill(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key === 'on') {
      Object.entries(value).forEach(([event, listener]) => node.addEventListener(event, listener));
    } else {
      node.setAttribute(key, value === true ? '' : value);
    }
  }
  node.append(...flat(children));
  return node;
}

function flat(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}
