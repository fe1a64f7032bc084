// Uses the console of the built service in Chromium, as people do.
//
//     node run.mjs BINARY [newcomer] [keyboard] [looks] [tokens] [troubles] [hostile]
//     node run.mjs BINARY --screenshots DIRECTORY
//
// A line for each check, and for what it took; exit 1 if any failed. The second form writes the pictures of the
// README instead. Needs a Chromium (CHROMIUM, or on the PATH).

import { resolve } from 'node:path';
import { check, failed } from '../clients/support.mjs';
import { hostile } from './hostile.mjs';
import { keyboard } from './keyboard.mjs';
import { looks } from './looks.mjs';
import { newcomer } from './newcomer.mjs';
import { screenshots } from './screenshots.mjs';
import { tokens } from './tokens.mjs';
import { troubles } from './troubles.mjs';

const PARTS = { newcomer, keyboard, looks, tokens, troubles, hostile };
const SECONDS = 600;

const [binary, ...names] = process.argv.slice(2);
const picturing = names[0] === '--screenshots' && names.length === 2;
if (!binary || !(picturing || names.every((name) => name in PARTS))) {
  console.error(
    `usage: node run.mjs BINARY [${Object.keys(PARTS).join('] [')}]\n       node run.mjs BINARY --screenshots DIRECTORY`,
  );
  process.exit(2);
}

setTimeout(() => {
  console.error(`FAIL  not done after ${SECONDS} s`);
  process.exit(1);
}, SECONDS * 1000);

if (picturing) {
  await screenshots(resolve(binary), resolve(names[1]));
  process.exit(0);
}
for (const name of names.length ? names : Object.keys(PARTS)) {
  const started = performance.now();
  try {
    await PARTS[name](resolve(binary));
  } catch (error) {
    await check(`${name} ended early`, () => Promise.reject(error));
  }
  console.log(`--    ${name}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
console.log(failed() ? `${failed()} checks failed` : 'the console does what it should');
process.exit(failed() ? 1 : 0);
