// Files that are handed to the person.

import { adviceOf, absolute, getBlob } from './api.js';
import { token } from './authorization.js';
import { announce, el } from './dom.js';

/** Hands a text or a blob to the browser as a file. */
export function save(content, type, file) {
  const blob = URL.createObjectURL(new Blob([content], { type }));
  el('a', { href: blob, download: file }).click();
  setTimeout(() => URL.revokeObjectURL(blob), 1000);
}

/** A link to a file of the service. A browser sends no token with a link: with one, the page fetches it. */
export function fileLink(path, file, label, attributes) {
  const fetched = async (event) => {
    if (!token()) return;
    event.preventDefault();
    try {
      const blob = await getBlob(path);
      save(blob, blob.type, file);
    } catch (error) {
      announce(adviceOf(error));
    }
  };
  return el('a', { href: absolute(path), download: file, on: { click: fetched }, ...attributes }, label);
}
