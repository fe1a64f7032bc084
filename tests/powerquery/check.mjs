// Reads Power Query M documents with the official parser, and works out what they evaluate to.
//
//     node check.mjs DIRECTORY
//
// DIRECTORY is what `cargo run --example export_queries` writes. There is no engine for M outside
// Power Query, so the documents are evaluated here as far as columns go: a step may only take columns
// that are there, keys that both tables have, and names that are free, which is what Power Query
// refuses otherwise. Each document is read as it is, and with all proposed lines in use.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import pq from '@microsoft/powerquery-parser';

const { DefaultSettings, TaskUtils } = pq;
const PROPOSED = /^\/\/\?/gm;

/** {"schema\ntable": columns} of an export in the catalog's format. */
function tablesOf(path) {
  const assets = new Map();
  for (const asset of JSON.parse(readFileSync(path, 'utf8')).flat()) {
    const known = assets.get(asset.id) ?? {};
    assets.set(asset.id, { ...asset, ...Object.fromEntries(Object.entries(known).filter(([, value]) => value != null)) });
  }
  const tables = new Map();
  const columns = new Map();
  const ids = new Map();
  for (const asset of assets.values()) {
    if (['Table', 'Database View'].includes(asset.typeName)) {
      const key = `${asset.fullName.split('>')[2].trim()}\n${asset.displayName.trim()}`;
      columns.set(asset.id, new Set());
      tables.set(key, columns.get(asset.id));
      ids.set(asset.fullName, asset.id);
    }
  }
  for (const asset of assets.values()) {
    if (asset.typeName === 'Column') {
      const parent = columns.get(asset['Hierarcy Relation']) ?? columns.get(ids.get(asset.fullName.replace(/>[^>]*$/, '')));
      parent.add(asset.displayName.trim());
    }
  }
  return tables;
}

function assert(holds, message) {
  if (!holds) {
    throw new Error(message);
  }
}

const NAMED = { lf: '\n', cr: '\r', tab: '\t', '#': '#' };

function text(literal) {
  return literal
    .slice(1, -1)
    .replace(/""/g, '"')
    .replace(/#\(([^)]*)\)/g, (_, escapes) =>
      escapes.split(',').map((one) => NAMED[one] ?? String.fromCodePoint(parseInt(one, 16))).join(''));
}

const nameOf = (literal) => (literal.startsWith('#"') ? text(literal.slice(1)) : literal);

function has(table, columns) {
  assert(table?.columns instanceof Set, 'not a table');
  for (const column of columns) {
    assert(table.columns.has(column), `no column ${JSON.stringify(column)}`);
  }
  assert(new Set(columns).size === columns.length, `twice: ${columns}`);
}

function add(columns, names) {
  const all = new Map([...columns].map((column) => [column, column]));
  for (const name of names) {
    assert(!all.has(name), `a second column ${JSON.stringify(name)}`);
    all.set(name, name);
  }
  return new Set(all.keys());
}

const LIBRARY = {
  'JoinKind.LeftOuter': 'left outer',
  'MissingField.Ignore': 'ignore',
  'Sql.Database': () => ({ source: true }),
  '#table': (columns, rows) => ({ columns: new Set(columns), rows }),
  'Table.SelectColumns': (table, columns) => {
    has(table, columns);
    return { columns: new Set(columns) };
  },
  'Table.NestedJoin': (table, keys, other, otherKeys, name, kind) => {
    has(table, keys);
    has(other, otherKeys);
    assert(keys.length === otherKeys.length && keys.length > 0, 'keys differ in number');
    assert(kind === 'left outer', 'rows would be lost');
    return { columns: add(table.columns, [name]), nested: { ...table.nested, [name]: other } };
  },
  'Table.ExpandTableColumn': (table, name, columns, names) => {
    has(table, [name]);
    has(table.nested[name], columns);
    assert(columns.length === names.length, 'names differ in number');
    const rest = [...table.columns].filter((column) => column !== name);
    return { columns: add(rest, names), nested: table.nested };
  },
  'Table.RemoveColumns': (table, columns, missing) => {
    has(table, missing === 'ignore' ? columns.filter((column) => table.columns.has(column)) : columns);
    return { columns: new Set([...table.columns].filter((column) => !columns.includes(column))) };
  },
  'Table.RenameColumns': (table, pairs) => {
    const names = new Map(pairs);
    has(table, [...names.keys()]);
    return { columns: add([], [...table.columns].map((column) => names.get(column) ?? column)) };
  },
};

class Evaluation {
  constructor(tables) {
    this.tables = tables;
  }

  of(node, scope) {
    switch (node.kind) {
      case 'LetExpression': {
        const inner = Object.create(scope);
        for (const { node: pair } of node.variableList.elements) {
          const name = nameOf(pair.key.literal);
          assert(!Object.hasOwn(inner, name), `a second step ${name}`);
          // In order: a step of these documents takes none that comes after it.
          inner[name] = this.of(pair.value, inner);
        }
        return this.of(node.expression, inner);
      }
      case 'IdentifierExpression': {
        const name = nameOf(node.identifier.literal);
        const found = name in scope ? scope[name] : LIBRARY[name];
        assert(found !== undefined, `no step before it, and nothing in the library, is called ${name}`);
        return found;
      }
      case 'RecursivePrimaryExpression':
        return node.recursiveExpressions.elements.reduce((value, next) => this.applied(value, next, scope), this.of(node.head, scope));
      case 'ListExpression':
        return this.all(node.content, scope);
      case 'RecordExpression':
        return Object.fromEntries(node.content.elements.map(({ node: pair }) => [nameOf(pair.key.literal), this.of(pair.value, scope)]));
      case 'LiteralExpression':
        assert(node.literalKind === 'Text', `a literal of kind ${node.literalKind}`);
        return text(node.literal);
      default:
        throw new Error(`unexpected ${node.kind}`);
    }
  }

  applied(value, next, scope) {
    switch (next.kind) {
      case 'InvokeExpression':
        return value(...this.all(next.content, scope));
      case 'ItemAccessExpression': {
        assert(value.source, 'only a source is navigated');
        const { Schema, Item } = this.of(next.content, scope);
        const columns = this.tables.get(`${Schema}\n${Item}`);
        assert(columns, `the catalog has no table ${Schema} ${Item}`);
        return { Data: { columns } };
      }
      case 'FieldSelector':
        return value[nameOf(next.content.literal)];
      default:
        throw new Error(`unexpected ${next.kind}`);
    }
  }

  all(wrapper, scope) {
    return wrapper.elements.map(({ node }) => this.of(node, scope));
  }
}

async function check(document, tables) {
  const task = await TaskUtils.tryLexParse(DefaultSettings, document);
  if (!TaskUtils.isParseStageOk(task)) {
    throw task.error ?? new Error(`stopped at ${task.stage}`);
  }
  const found = new Evaluation(tables).of(task.ast, Object.create(null));
  const results = found.columns ? [found] : Object.values(found);
  for (const { columns, rows } of results) {
    assert(columns.size > 0 || rows, 'a table without columns');
  }
  return results.length;
}

const [directory] = process.argv.slice(2);
if (!directory) {
  console.error('usage: node check.mjs DIRECTORY');
  process.exit(2);
}
let [documents, results, failed] = [0, 0, 0];
for (const catalog of readdirSync(directory)) {
  const tables = tablesOf(join(directory, catalog, 'export.json'));
  for (const request of readdirSync(join(directory, catalog))) {
    if (!statSync(join(directory, catalog, request)).isDirectory()) {
      continue;
    }
    const document = readFileSync(join(directory, catalog, request, 'query.m'), 'utf8');
    for (const [how, read] of [['as it is', document], ['with all proposals', document.replace(PROPOSED, '')]]) {
      documents += 1;
      try {
        results += await check(read, tables);
      } catch (error) {
        failed += 1;
        console.error(`${catalog}/${request} ${how}: ${error?.message ?? error}`);
      }
    }
  }
}
console.log(`${documents} documents, ${results} tables, ${failed} failed`);
// A check that finds nothing to check has failed.
process.exitCode = failed > 0 || results === 0 ? 1 : 0;
