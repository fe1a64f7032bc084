// Checks the built service with the programs that people use with it.
//
//     node run.mjs BINARY [wscat] [browser] [model]
//
// A line for each check, and for what it took; exit 1 if any failed. Needs Python 3 for wscat's terminal
// and a Chromium (CHROMIUM, or on the PATH).

import { resolve } from 'node:path';
import { browser } from './browser.mjs';
import { model } from './model.mjs';
import { check, failed } from './support.mjs';
import { wscat } from './wscat.mjs';

const PARTS = { wscat, browser, model };
const SECONDS = 90;

const [binary, ...names] = process.argv.slice(2);
if (!binary || names.some((name) => !(name in PARTS))) {
  console.error(`usage: node run.mjs BINARY [${Object.keys(PARTS).join('] [')}]`);
  process.exit(2);
}

setTimeout(() => {
  console.error(`FAIL  not done after ${SECONDS} s`);
  process.exit(1);
}, SECONDS * 1000);

for (const name of names.length ? names : Object.keys(PARTS)) {
  const started = performance.now();
  try {
    await PARTS[name](resolve(binary));
  } catch (error) {
    await check(`${name} ended early`, () => Promise.reject(error));
  }
  console.log(`--    ${name}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
console.log(failed() ? `${failed()} checks failed` : 'all clients are served');
process.exit(failed() ? 1 : 0);
