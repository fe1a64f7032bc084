// A person at a terminal, with wscat.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { check, start, startServer, stop, until, within } from './support.mjs';
import { answered, inOrder, isLast, refused } from './turn.mjs';

const WSCAT = createRequire(import.meta.url).resolve('wscat/bin/wscat');
// wscat talks to terminals only. Unlike `script`, this is the same on every system with Python.
const TERMINAL = 'import pty, sys; pty.spawn(sys.argv[1:])';

/** The lines that wscat shows, without colours and movements of the cursor. */
function shown(output) {
  return output.replace(/\x1b\[[0-9;]*[A-Za-z]/g, '').split(/[\r\n]+/);
}

export async function wscat(binary) {
  const server = await startServer(binary);
  const url = `${server.ws}/wscat`;
  const terminal = start('python3', ['-c', TERMINAL, process.execPath, WSCAT, '-c', url]);
  const received = () =>
    shown(terminal.said)
      // The last may be half a line.
      .slice(0, -1)
      .filter((line) => line.startsWith('< '))
      .map((line) => JSON.parse(line.slice(2)));
  const still = () => {
    if (terminal.exitCode !== null) throw new Error(`wscat has ended: ${shown(terminal.said).join(' ')}`);
  };

  /** Types a line; the frames up to the answer. */
  async function say(line) {
    const before = received().length;
    console.log(`      > ${line}`);
    terminal.stdin.write(`${line}\r`);
    const frames = await until(20, `an answer to ${line}`, () => {
      still();
      const frames = received().slice(before);
      return frames.some(isLast) && frames;
    });
    for (const frame of frames) {
      const { type, code = '', content } = frame;
      if (type !== 'agent_partial') console.log(`      < ${type} ${code} ${content.split('\n')[0].slice(0, 100)}`);
    }
    return frames;
  }

  await until(10, 'wscat to connect', () => {
    still();
    return terminal.said.includes('Connected');
  });
  let listed, inSlovak;
  await check('wscat: a JSON message is answered', async () => {
    const frames = await say('{"content": "List all tables"}');
    listed = answered(frames, 'List all tables');
    assert.ok(frames.some((frame) => frame.tool_name === 'list_tables'), 'no look-up is told');
  });
  await check('wscat: plain text is answered', async () => {
    const question = 'Ktoré tabuľky sú v schéme dm_bs_logistics?';
    inSlovak = answered(await say(question), question);
  });
  await check('wscat: the answers come from the catalog, in the language of the question', () => {
    assert.match(listed.content, /dm_bs_purchase/);
    assert.match(inSlovak.content, /factv_shipment/);
    assert.match(inSlovak.content, /tabuľ|tabuli/);
  });
  await check('wscat: a typo in JSON is an error, and the conversation goes on', async () => {
    const [error, ...more] = await say('{"content": "List all tables"');
    assert.deepEqual([error.type, error.code, more], ['error', 'bad_json', []]);
    answered(await say('And which facts are there?'), 'And which facts are there?');
  });
  await check('wscat: no frame is stamped with a time before the last one’s', () => inOrder(received()));
  await check('wscat ends with Ctrl-C, and the server is none the worse', async () => {
    terminal.stdin.write('\x03');
    await within(5, 'the end of wscat', terminal.ended);
    assert.equal((await fetch(`${server.http}/health`)).status, 200);
    assert.equal(await stop(server), 0, server.said);
  });
}
