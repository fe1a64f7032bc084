// What goes wrong, and what the person is told: files that are no requests, refusals, a lost network.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { check, temporaryFolder } from '../clients/support.mjs';
import { DESKTOP, ask, nav, runSample, visiting } from './visit.mjs';

const LIMIT = 20_000;
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** Drops files on the field, as a file manager does. */
async function drop(page, files) {
  const transfer = await page.evaluateHandle(
    (given) => {
      const transfer = new DataTransfer();
      for (const { name, type, base64 } of given) {
        transfer.items.add(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name, { type }));
      }
      return transfer;
    },
    files.map(({ name, type, bytes }) => ({ name, type, base64: Buffer.from(bytes).toString('base64') })),
  );
  await page.dispatchEvent('#drop', 'drop', { dataTransfer: transfer });
}

const FILES = [
  [{ name: 'picture.png', type: 'image/png', bytes: PNG }, /type image\/png.*Markdown or plain text.*Nothing was sent/],
  [{ name: 'renamed.md', type: 'text/markdown', bytes: PNG }, /not text in UTF-8.*Nothing was sent/],
  [{ name: 'nul.md', type: '', bytes: 'a\0b' }, /binary data.*Nothing was sent/],
  [{ name: 'empty.md', type: 'text/markdown', bytes: '' }, /is empty|It is empty.*Nothing was sent/],
  [{ name: 'blank.txt', type: 'text/plain', bytes: ' \n\t\n' }, /nothing but white space.*Nothing was sent/],
  [{ name: 'long.md', type: 'text/markdown', bytes: 'x'.repeat(LIMIT + 1) }, /at most 20 KiB.*Nothing was sent/],
];

export async function troubles(binary) {
  await visiting(binary, { MAX_DOCUMENT_BYTES: String(LIMIT) }, async (open, server) => {
    await check('troubles: files that are no requests are refused in words, and nothing is sent', () => files(open));
    await check('troubles: a dropped request is taken, letters and all', async () => {
      const page = await open();
      await drop(page, [{ name: 'žádost.md', type: '', bytes: '# Žádost\n\nChceme objednávky podle dodavatelů.' }]);
      await page.waitForFunction(() =>
        document.getElementById('document').value.includes('Chceme objednávky podle dodavatelů.'),
      );
      assert.ok(await page.locator('#document-problem').isHidden());
    });
    await check('troubles: a request that is empty, too large or with odd options does not leave the page', () =>
      unsent(open),
    );
    await check('troubles: 413, 422 and 503 are said in words with what to do', () => refused(open));
    await check('troubles: without a network the page says so', async () => {
      const page = await open();
      await page.getByLabel('Business request').fill('We need orders by supplier.');
      await page.context().setOffline(true);
      await page.getByRole('button', { name: 'Start the run' }).click();
      await page.getByText(/cannot be reached. Check that it runs/).waitFor();
      assert.equal(await page.getByLabel('Business request').inputValue(), 'We need orders by supplier.');
    });
    await check('troubles: a run is followed by polling where the stream fails', async () => {
      const page = await open();
      await page.route('**/events', (route) => route.abort());
      await runSample(page);
      assert.equal(await page.locator('.step[data-state="done"]').count(), 5);
    });
    await check('troubles: a run that is not known is explained', async () => {
      const page = await open();
      await page.goto(`${server.http}/#/run?id=00000000-0000-4000-8000-000000000000`);
      await page.getByText(/does not know this run.*Start the request again/).waitFor();
      await page.goto(`${server.http}/#/diagram?run=%00&focus=x`);
      await page
        .getByText(/does not know this run/)
        .last()
        .waitFor();
      await page.goto(`${server.http}/#/catalog?table=dimv_suplier`);
      await page
        .getByText(/Table 'dimv_suplier' not found Did you mean .*dimv_supplier|not found.*Did you mean/)
        .waitFor();
      await page.goto(`${server.http}/#/nowhere?%E0%A4%A`);
      await page.getByRole('heading', { name: 'What data do you need?' }).waitFor();
    });
    await check('troubles: a chat that breaks says so, cannot send, and comes back', () => broken(open));
    await check('troubles: an answer goes on where the connection broke', () => resumed(open, server));
    await check('troubles: an answer is stopped on request, and errors are said in words', () => stopped(open));
  });
}

async function files(open) {
  const page = await open();
  const sent = [];
  page.on('request', (request) => request.method() === 'POST' && sent.push(request.url()));
  await page.getByLabel('Business request').fill('Kept.');
  const said = page.locator('#document-problem');
  for (const [file, words] of FILES) {
    await drop(page, [file]);
    await page.waitForFunction(
      (name) => document.getElementById('document-problem').textContent.includes(name),
      file.name,
    );
    assert.match(await said.innerText(), words, file.name);
  }
  await drop(page, [FILES[0][0], FILES[1][0]]);
  await page.getByText(/One file at a time/).waitFor();
  // Chosen instead of dropped.
  const picture = join(temporaryFolder(), 'chosen.png');
  writeFileSync(picture, PNG);
  await page.setInputFiles('#file', picture);
  await page.getByText(/“chosen.png” was not taken/).waitFor();
  assert.deepEqual(sent, []);
  assert.equal(await page.getByLabel('Business request').inputValue(), 'Kept.', 'what was there stays');
}

async function unsent(open) {
  const page = await open();
  const sent = [];
  page.on('request', (request) => request.method() === 'POST' && sent.push(request.url()));
  const begin = page.getByRole('button', { name: 'Start the run' });
  await begin.click();
  await page.getByText(/There is no request yet/).waitFor();
  await page.getByLabel('Business request').fill('ř'.repeat(LIMIT));
  await begin.click();
  await page.getByText(/The request is too large/).waitFor();
  await page.getByLabel('Business request').fill('We need orders.');
  await page.getByLabel('Columns per table').fill('1001');
  await begin.click();
  await page.getByText(/whole number from 0 to 1000/).waitFor();
  assert.deepEqual(sent, []);
}

async function refused(open) {
  const page = await open();
  await page.getByLabel('Business request').fill('We need orders by supplier.');
  const answers = [
    [413, { detail: 'The document is larger than 20000 bytes, the most that is accepted' }, /too large.*Shorten it/],
    [
      422,
      { detail: [{ loc: ['body', 'options', 'scope'], msg: 'String should have at most 256 characters' }] },
      /scope: String should have at most 256 characters.*Correct it/,
    ],
    [
      503,
      { detail: 'The service is busy: too many pipeline runs are waiting. Try again shortly.' },
      /busy.*wait a moment/,
    ],
    [500, '<html>', /answered 500/],
  ];
  for (const [status, body, words] of answers) {
    await page.route('**/api/pipeline/run', (route) => route.fulfill({ status, json: body }), { times: 1 });
    await page.getByRole('button', { name: 'Start the run' }).click();
    await page.locator('#document-problem', { hasText: words }).waitFor();
  }
}

async function broken(open) {
  const page = await open();
  const sockets = [];
  await page.routeWebSocket('**/ws/**', (socket) => {
    sockets.push(socket);
    socket.connectToServer();
  });
  await nav(page, 'Chat').click();
  const state = page.locator('#chat-state');
  await state.getByText('Connected').waitFor();
  await ask(page, 'How many tables are there?');
  await sockets.at(-1).close({ code: 1001 });
  await state.getByText(/The service is restarting. Trying again/).waitFor();
  assert.ok(await page.locator('#chat-send').isDisabled());
  await page.getByLabel('Question', { exact: true }).fill('Still there?');
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('.turn').count(), 1, 'nothing is sent without a connection');
  await state.getByText('Connected', { exact: true }).waitFor();
  await ask(page, 'And now?');
  assert.ok(sockets.length >= 2);
}

/** The console through a line that is cut in the middle of an answer, without a word of goodbye. */
async function resumed(open, server) {
  const lines = new Set();
  const { hostname, port } = new URL(server.http);
  const relay = createServer((client) => {
    const service = connect(Number(port), hostname);
    lines.add(client);
    client.pipe(service).pipe(client);
    for (const end of [client, service]) end.on('error', () => {});
    client.on('close', () => service.destroy());
    service.on('close', () => client.destroy());
  });
  await new Promise((listening) => relay.listen(0, '127.0.0.1', listening));
  try {
    const page = await open();
    page.expected = /WebSocket|request: http|socket: ws|ERR_/;
    await page.goto(`http://127.0.0.1:${relay.address().port}/#/chat`);
    await page.locator('#chat-state').getByText('Connected').waitFor();
    await page.getByLabel('Question', { exact: true }).fill('List all tables');
    await page.keyboard.press('Enter');
    await page.locator('.turn .answer p:not(.quiet)').first().waitFor();
    for (const line of lines) line.resetAndDestroy();
    await page.locator('.answer:not([aria-busy])').waitFor({ state: 'attached' });
    const turn = page.locator('.turn');
    assert.equal(await turn.count(), 1);
    assert.equal(await turn.locator('.note').count(), 0, await turn.innerText());
    const twin = await open();
    await nav(twin, 'Chat').click();
    await twin.locator('#chat-state').getByText('Connected').waitFor();
    const whole = await ask(twin, 'List all tables');
    assert.equal(await turn.locator('.answer').innerText(), await whole.locator('.answer').innerText());
  } finally {
    relay.close();
    for (const line of lines) line.destroy();
  }
}

async function stopped(open) {
  const page = await open(DESKTOP);
  await page.routeWebSocket('**/ws/**', (socket) => {
    const say = (frame) => socket.send(JSON.stringify({ timestamp: '2026-01-31T10:30:05Z', ...frame }));
    socket.onMessage((text) => {
      const { content, type } = JSON.parse(text);
      if (type === 'cancel') say({ type: 'error', content: 'cancelled', code: 'cancelled' });
      else if (content === 'slow') {
        say({ type: 'user', content });
        say({ type: 'tool', content: 'Calling list_tables', tool_name: 'list_tables' });
        say({ type: 'agent_partial', content: 'So **far**' });
      } else say({ type: 'error', content: 'no', code: 'rate_limited', retry_after: 7 });
    });
  });
  await nav(page, 'Chat').click();
  await page.locator('#chat-state').getByText('Connected').waitFor();
  await page.getByLabel('Question', { exact: true }).fill('slow');
  await page.keyboard.press('Enter');
  await page.locator('.answer strong', { hasText: 'far' }).waitFor();
  assert.match(await page.locator('.looked-up').innerText(), /Calling list_tables/);
  assert.ok(await page.locator('#chat-send').isDisabled());
  await page.getByRole('button', { name: 'Stop the answer' }).click();
  await page.getByText('Stopped. What was said so far stands above.').first().waitFor();
  const turn = await ask(page, 'again');
  assert.match(await turn.innerText(), /Too many messages.*Try again in 7 s/);
}
