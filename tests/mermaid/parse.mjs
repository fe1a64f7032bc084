// Reads Mermaid `erDiagram` files with the official parser and says what a client would draw.
//
//     node parse.mjs FILE…
//
// One JSON line a file, then a line with the counts; exit 1 if any file failed:
//
//     {"file", "ok": true, "entities": [{"name", "attributes": [{"type", "name", "keys", "comment"}]}],
//      "relationships": [{"from", "to", "label", "from_cardinality", "to_cardinality", "identifying"}]}
//     {"file", "ok": false, "error"}
//
// Names are as drawn: the alias where there is one, `#…;` escapes resolved. Beside `x.mmd` there may
// lie `x.expected.json`, an object in the first form: what it states must be so. Objects in it may
// leave fields out; lists are compared whole and in order.
//
// Two things fail although they parse: text longer than Mermaid draws with its default settings, and a
// directive (`%%{`) or front matter, because nothing in a catalog may reach a client's configuration.

import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import mermaid from 'mermaid';

// A client's defaults; without this call no diagram type is registered.
mermaid.initialize({ startOnLoad: false, logLevel: 'fatal' });
const { maxTextSize } = mermaid.mermaidAPI.getConfig();

const NAMED = { amp: '&', apos: "'", gt: '>', lt: '<', nbsp: '\u00a0', quot: '"' };

/** Mermaid hides `#…;` from its parsers behind these characters and draws the HTML entity. */
function shown(text) {
  return text
    .replace(/ﬂ°°(\d+)¶ß/g, (_, digits) => {
      const code = Number(digits);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
    })
    .replace(/ﬂ°(\w+)¶ß/g, (_, name) => NAMED[name] ?? `&${name};`);
}

async function read(text) {
  if (/%%\{|^\s*---/.test(text)) {
    throw new Error('the text holds a directive or front matter');
  }
  const { diagramType } = await mermaid.parse(text);
  if (diagramType !== 'er') {
    throw new Error(`not an ER diagram but: ${diagramType}`);
  }
  if (text.length > maxTextSize) {
    throw new Error(`${text.length} characters; only up to ${maxTextSize} are drawn`);
  }

  const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
  const names = new Map();
  const entities = [...db.getEntities().values()].map((entity) => {
    const name = shown(entity.alias || entity.label);
    names.set(entity.id, name);
    const attributes = entity.attributes.map(({ type, name, keys, comment }) => ({
      type: shown(type),
      name: shown(name),
      keys,
      comment: shown(comment),
    }));
    return { name, attributes };
  });
  // The parser calls the cardinality written beside the first entity `cardB`.
  const relationships = db.getRelationships().map((edge) => ({
    from: names.get(edge.entityA) ?? edge.entityA,
    to: names.get(edge.entityB) ?? edge.entityB,
    label: shown(edge.roleA),
    from_cardinality: edge.relSpec.cardB,
    to_cardinality: edge.relSpec.cardA,
    identifying: edge.relSpec.relType === 'IDENTIFYING',
  }));
  return { entities, relationships };
}

/** Throws at the first place where `actual` is not what `expected` states. */
function compare(expected, actual, path) {
  if (expected === null || typeof expected !== 'object') {
    if (expected !== actual) {
      throw new Error(`${path}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(actual)}`);
    }
    return;
  }
  if (Array.isArray(expected) && expected.length !== actual?.length) {
    throw new Error(`${path}: expected ${expected.length} items, found ${actual?.length}`);
  }
  for (const [key, value] of Object.entries(expected)) {
    compare(value, actual?.[key], path === '' ? key : `${path}.${key}`);
  }
}

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error('usage: node parse.mjs FILE…');
  process.exit(2);
}

let failed = 0;
for (const path of files) {
  const file = basename(path);
  try {
    const found = await read(readFileSync(path, 'utf8'));
    const expectation = path.replace(/\.mmd$/, '.expected.json');
    if (expectation !== path && existsSync(expectation)) {
      compare(JSON.parse(readFileSync(expectation, 'utf8')), found, '');
    }
    console.log(JSON.stringify({ file, ok: true, ...found }));
  } catch (error) {
    failed += 1;
    console.log(JSON.stringify({ file, ok: false, error: String(error?.message ?? error) }));
  }
}
console.error(`${files.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
