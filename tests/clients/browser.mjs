// A page of another origin in a real browser: it may call where it is listed, and gets nothing where it is not.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { WebSocket } from 'ws';
import { check, chromium, start, startServer, stop, temporaryFolder, within } from './support.mjs';
import { answered } from './turn.mjs';

const PAGE = readFileSync(new URL('page.html', import.meta.url));
const ALLOWED = 5173;
const FOREIGN = 5999;

/** Serves the page at `http://localhost:port`; `findings` are what it reports. */
async function servePage(port) {
  let report;
  const findings = new Promise((resolve) => (report = resolve));
  const server = createServer((request, response) => {
    if (request.method === 'POST') {
      let body = '';
      request.setEncoding('utf8').on('data', (text) => (body += text));
      request.on('end', () => report(JSON.parse(body)));
      response.end();
    } else {
      response.setHeader('Content-Type', 'text/html');
      response.end(PAGE);
    }
  });
  await new Promise((resolve, reject) => {
    server.once('error', ({ code }) =>
      reject(new Error(`port ${port}, the origin of the page, cannot be had (${code}); stop what uses it`)),
    );
    // On all addresses: a dev server that has only one of localhost's two would get the browser's call.
    server.listen(port, resolve);
  });
  return { findings, close: () => server.close().closeAllConnections() };
}

/** What the page finds out about the service when `http://localhost:port` serves it. */
async function visit(port, api) {
  const page = await servePage(port);
  const url = `http://localhost:${port}/?api=${encodeURIComponent(api)}`;
  const profile = temporaryFolder();
  const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'];
  const env = { ...process.env, HOME: profile };
  const browser = start(chromium(), [...flags, `--user-data-dir=${profile}`, url], { env });
  try {
    const gone = browser.ended.then((how) => {
      throw new Error(`the browser ended (${how}): ${browser.said.slice(-1000)}`);
    });
    return await within(30, 'the findings of the page', Promise.race([page.findings, gone]));
  } finally {
    page.close();
    await stop(browser);
  }
}

function namesOf(findings, isMeant) {
  return Object.keys(findings).filter((name) => isMeant(findings[name]));
}

/** The status that a WebSocket upgrade from this origin is answered with. */
function upgradeStatus(server, origin) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${server.ws}/foreign`, { origin });
    socket.on('open', () => resolve(101) ?? socket.close());
    socket.on('unexpected-response', (_, answer) => resolve(answer.statusCode) ?? answer.destroy());
    socket.on('error', reject);
  });
}

async function sessions(server) {
  const stats = await fetch(`${server.http}/api/stats`);
  return (await stats.json()).active_sessions;
}

export async function browser(binary) {
  const server = await startServer(binary);
  let seen = await visit(ALLOWED, server.http);
  await check('browser: a page of an allowed origin calls everything', () => {
    // Nobody who does not ask may embed an answer: not even that there is one is told.
    const blocked = ['blind', 'forged'];
    assert.deepEqual(namesOf(seen, ({ error }) => error), blocked, 'calls that the browser blocked');
    assert.equal(seen.tables.status, 200);
    assert.ok(seen.tables.body.some(({ full_name: name }) => name === 'dm_bs_purchase.dimv_supplier'));
    assert.equal(seen.preflighted.requestId, 'from-a-page');
    assert.deepEqual([seen.run.status, seen.run.body.status], [200, 'started']);
    assert.deepEqual([seen.status.body.status, seen.status.body.has_diagram], ['completed', true]);
    assert.match(seen.diagram.body.diagram, /^erDiagram\n/);
    assert.deepEqual([seen.chat.status, seen.chat.body.session_id], [200, seen.run.body.session_id]);
  });
  await check('browser: the page can read why a call failed', () => {
    assert.deepEqual([seen.missing.status, seen.missing.body], [404, { detail: 'Session not found' }]);
    assert.deepEqual([seen.invalid.status, seen.invalid.body.detail[0].loc], [422, ['body', 'document']]);
  });
  await check('browser: the page chats over WebSocket', () => {
    const { opened, frames, code, wasClean } = seen.socket;
    assert.ok(opened, 'the socket did not open');
    answered(frames, 'List all tables');
    assert.deepEqual([code, wasClean], [1005, true], 'the close that the page asked for');
  });
  await check('browser: the answers over WebSocket and REST name tables', () => {
    assert.match(seen.socket.frames.at(-1)?.content, /dm_bs_purchase/);
    assert.match(seen.chat.body?.content, /dm_bs_purchase/);
  });

  const before = await sessions(server);
  seen = await visit(FOREIGN, server.http);
  await check('browser: a page of another origin gets nothing', async () => {
    const { socket, blind, forged, ...calls } = seen;
    assert.deepEqual(namesOf(calls, ({ error }) => error !== 'TypeError'), [], 'calls that the page could read');
    assert.deepEqual(socket, { opened: false, frames: [], code: 1006, wasClean: false });
    const blocked = { error: 'TypeError' };
    assert.deepEqual([blind, forged], [blocked, blocked]);
    assert.equal(await upgradeStatus(server, `http://localhost:${FOREIGN}`), 403);
  });
  await check('browser: nor does what it sends blindly start anything', async () => {
    assert.equal(await sessions(server), before, 'sessions');
  });
  await check('browser: the server is none the worse', async () => {
    assert.equal(await stop(server), 0, server.said);
  });
}
