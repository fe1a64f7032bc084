// A diagram of the service as the page shows it: the drawing with its downloads, or its source where the
// service does not draw.

import { adviceOf, getJson, getText } from './api.js';
import { announce, button, el, replace } from './dom.js';
import { save } from './download.js';
import { Drawing } from './drawing.js';
import { go } from './place.js';

const SVG_TYPE = 'image/svg+xml';
const MERMAID_TYPE = 'text/vnd.mermaid';

export class Picture {
  /** `file` is what downloads are called, without the ending. `onOpen(table)` opens a table. */
  constructor({ label, file, tall = false, onOpen = (table) => go('catalog', { table }) }) {
    this.drawing = new Drawing({ label, onOpen, tall });
    this.file = file;
    this.saves = el(
      'div',
      { class: 'saves', role: 'group', 'aria-label': 'Download' },
      button('Save SVG', () => this.#save(SVG_TYPE, 'svg')),
      button('Save .mmd', () => this.#save(MERMAID_TYPE, 'mmd')),
    );
    this.drawing.tools.append(this.saves);
    this.state = el('p', { class: 'note', role: 'status', hidden: true });
    this.source = el('div', { hidden: true });
    this.element = el('div', { class: 'picture' }, this.state, this.drawing.element, this.source);
  }

  /** Shows what a path of the service draws. The last call wins. */
  async load(path) {
    this.loading?.abort();
    this.loading = new AbortController();
    const { signal } = this.loading;
    this.path = path;
    this.#say('Drawing…');
    try {
      const text = await getText(path, SVG_TYPE, { signal }).catch(unlessItDoesNotDraw);
      if (signal.aborted) return;
      this.source.hidden = text !== null;
      this.drawing.element.hidden = text === null;
      this.#say(text === null ? 'This service does not draw; here is the source for a Mermaid viewer.' : '');
      // Shown first: it is fitted to the size it has on the page.
      if (text !== null) this.drawing.show(text);
      else replace(this.source, mermaidSource((await getJson(path, { signal })).diagram, this.file));
    } catch (error) {
      if (signal.aborted) return;
      this.drawing.element.hidden = true;
      this.#say(
        error.status === 404 && error.message === 'No diagram available'
          ? 'This run has no diagram: it is not finished, or it failed.'
          : adviceOf(error),
      );
    }
  }

  #say(text) {
    this.state.textContent = text;
    this.state.hidden = !text;
  }

  async #save(type, ending) {
    try {
      const text = (await getText(this.path, type)) ?? (await getJson(this.path)).diagram;
      save(text, type, `${this.file}.${ending}`);
    } catch (error) {
      this.#say(adviceOf(error));
    }
  }
}

/** A service that draws nothing says 406; its Mermaid text is then the next best. */
function unlessItDoesNotDraw(error) {
  if (error.status === 406) return null;
  throw error;
}

/** Mermaid text as code, to copy or keep. */
export function mermaidSource(text, file) {
  const code = el(
    'pre',
    { class: 'source', tabindex: '0', role: 'group', 'aria-label': 'Mermaid source' },
    el('code', {}, text),
  );
  const copied = button('Copy', async () => {
    const done = await copy(text, code);
    copied.textContent = done ? 'Copied' : 'Press Ctrl+C';
    announce(done ? 'Copied.' : 'The source is selected: copy it by Ctrl+C.');
  });
  const tools = el(
    'div',
    { class: 'drawing-tools' },
    copied,
    button('Save .mmd', () => save(text, MERMAID_TYPE, `${file}.mmd`)),
  );
  return [tools, code];
}

/** Without a secure origin there is no clipboard: the text is then selected for the person to copy. */
async function copy(text, node) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection().selectAllChildren(node);
    return false;
  }
}

/** A name as part of a file's name. */
export function fileName(text) {
  return text.replace(/[^\w.-]+/g, '_').slice(0, 80) || 'diagram';
}
