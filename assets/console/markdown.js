// Markdown to elements: what answers and reports use of it. Never to a string of HTML.

import { el, name } from './dom.js';

const BULLET = /^(\s*)(?:[-*+]|(\d{1,9})[.)])\s+(.*)$/;
const FENCE = /^\s*(```+|~~~+)/;
const HEADING = /^(#{1,6})\s+(.*?)\s*#*$/;
const RULE = /^\s*([-*_])(?:\s*\1){2,}\s*$/;
const DELIMITERS = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;
/** Quotes and lists inside each other are followed this far. */
const DEPTH_MAX = 6;

/** The elements of a text; its headings begin at this level, below those of the page. */
export function markdown(text, level = 3) {
  return blocks(text.split(/\r?\n/), level, 0);
}

function blocks(lines, level, depth) {
  const made = [];
  let at = 0;
  while (at < lines.length) {
    const [element, next] = block(lines, at, level, depth);
    if (element) made.push(element);
    at = next;
  }
  return made;
}

/** The block that begins at a line, and the line after it. */
function block(lines, at, level, depth) {
  const line = lines[at];
  if (!line.trim()) return [null, at + 1];
  const fence = FENCE.exec(line);
  if (fence) return code(lines, at, fence[1]);
  const heading = HEADING.exec(line);
  if (heading) {
    const size = Math.min(6, level + heading[1].length - 1);
    return [el(`h${size}`, {}, inline(heading[2])), at + 1];
  }
  if (RULE.test(line)) return [el('hr'), at + 1];
  if (line.includes('|') && DELIMITERS.test(lines[at + 1] ?? '') && lines[at + 1].includes('-'))
    return table(lines, at);
  if (depth < DEPTH_MAX) {
    if (/^\s*>/.test(line)) return quote(lines, at, level, depth);
    if (BULLET.test(line)) return list(lines, at, level, depth);
  }
  return paragraph(lines, at, depth);
}

function code(lines, at, fence) {
  let end = at + 1;
  while (end < lines.length && !lines[end].trim().startsWith(fence)) end += 1;
  return [el('pre', { tabindex: '0' }, el('code', {}, lines.slice(at + 1, end).join('\n'))), end + 1];
}

function quote(lines, at, level, depth) {
  let end = at;
  while (end < lines.length && /^\s*>/.test(lines[end])) end += 1;
  const inner = lines.slice(at, end).map((line) => line.replace(/^\s*> ?/, ''));
  return [el('blockquote', {}, blocks(inner, level, depth + 1)), end];
}

function list(lines, at, level, depth) {
  const [, indent, number] = BULLET.exec(lines[at]);
  const items = [];
  let end = at;
  while (end < lines.length) {
    const bullet = BULLET.exec(lines[end]);
    const outside = !bullet && lines[end].trim() && leading(lines[end]) <= indent.length;
    if (outside || (bullet && bullet[1].length < indent.length) || !belongs(lines, end, indent.length)) break;
    if (bullet && bullet[1].length < indent.length + 2) {
      if (Boolean(bullet[2]) !== Boolean(number)) break;
      items.push([bullet[3]]);
    } else {
      items.at(-1).push(lines[end].slice(Math.min(leading(lines[end]), indent.length + 2)));
    }
    end += 1;
  }
  const children = items.map((item) => {
    const [first, ...rest] = item;
    return el('li', {}, inline(first), rest.length ? blocks(rest, level, depth + 1) : null);
  });
  const start = number && number !== '1' ? number : null;
  return [el(number ? 'ol' : 'ul', { start }, children), Math.max(end, at + 1)];
}

/** An empty line belongs to a list only where the list goes on after it. */
function belongs(lines, at, indent) {
  if (lines[at].trim()) return true;
  const next = lines[at + 1] ?? '';
  return Boolean(next.trim()) && (leading(next) > indent || (BULLET.test(next) && leading(next) >= indent));
}

function leading(line) {
  return line.length - line.trimStart().length;
}

function table(lines, at) {
  const cells = (line) =>
    line
      .trim()
      .replace(/^\||\|$/g, '')
      .split('|')
      .map((cell) => cell.trim());
  const head = cells(lines[at]);
  let end = at + 2;
  while (end < lines.length && lines[end].includes('|')) end += 1;
  const rows = lines.slice(at + 2, end).map(cells);
  const row = (name, values) =>
    el(
      'tr',
      {},
      head.map((_, i) => el(name, name === 'th' ? { scope: 'col' } : {}, inline(values[i] ?? ''))),
    );
  const made = el(
    'table',
    {},
    el('thead', {}, row('th', head)),
    el(
      'tbody',
      {},
      rows.map((values) => row('td', values)),
    ),
  );
  return [el('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': 'Table' }, made), end];
}

function paragraph(lines, at, depth) {
  let end = at + 1;
  const ends = (line) =>
    !line.trim() ||
    FENCE.test(line) ||
    HEADING.test(line) ||
    (depth < DEPTH_MAX && (BULLET.test(line) || /^\s*>/.test(line)));
  while (end < lines.length && !ends(lines[end])) end += 1;
  const text = lines
    .slice(at, end)
    .flatMap((line, i) => (i ? [el('br'), ...inline(line.trim())] : inline(line.trim())));
  return [el('p', { dir: 'auto' }, text), end];
}

const INLINE =
  /(`+)([^`]+?)\1(?!`)|\*\*([^*\n]+)\*\*|(?<![\p{L}\p{N}_])_([^_\n]+)_(?![\p{L}\p{N}_])|(?<!\*)\*([^*\s][^*\n]*)\*|\[([^\]\n]*)\]\(([^()\s]{1,2000})\)/gu;

/** The text of a line, with what is strong, code, emphasised or linked. */
function inline(text) {
  const made = [];
  let last = 0;
  for (const found of text.matchAll(INLINE)) {
    const [all, , verbatim, strong, leaning, starred, label, target] = found;
    if (found.index > last) made.push(text.slice(last, found.index));
    if (verbatim !== undefined) made.push(el('code', {}, name(verbatim.trim() || verbatim)));
    else if (strong !== undefined) made.push(el('strong', {}, inline(strong)));
    else if (target !== undefined) made.push(...[link(label, target, all)].flat());
    else made.push(el('em', {}, leaning ?? starred));
    last = found.index + all.length;
  }
  if (last < text.length) made.push(text.slice(last));
  return made;
}

/** A link to the web; any other target stays the text it is. */
function link(label, target, all) {
  const isWeb = /^https?:\/\//i.test(target) && URL.canParse(target);
  if (!isWeb) return all;
  const anchor = el('a', { href: target, rel: 'noopener noreferrer', target: '_blank' }, label || target);
  // Where it leads is said: the words of a link may come from a catalog.
  return label && label !== target ? [anchor, ` (${new URL(target).host})`] : anchor;
}
