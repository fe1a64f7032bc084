// A visit to the console: a page of its own, and a record of all that must not happen during it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium as engine } from 'playwright-core';
import { chromium, startServer, stop } from '../clients/support.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'];
export const DESKTOP = { viewport: { width: 1280, height: 860 }, colorScheme: 'light' };
export const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, colorScheme: 'light' };

/** Runs `use(open)` beside a server and a browser; `open(options)` is a page at the console, watched. */
export async function visiting(binary, settings, use) {
  const server = await startServer(binary, { MAX_MESSAGES_PER_MINUTE: '600', MAX_MESSAGE_BURST: '100', ...settings });
  const browser = await engine.launch({ executablePath: chromium(), args: FLAGS });
  try {
    return await use((options) => open(browser, server, options), server);
  } finally {
    await browser.close();
    await stop(server);
  }
}

async function open(browser, server, options = DESKTOP) {
  const context = await browser.newContext({ reducedMotion: 'reduce', acceptDownloads: true, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.amiss = [];
  page.expected = /(?!)/;
  const amiss = (what) => page.expected.test(what) || page.amiss.push(what);
  page.on(
    'console',
    (message) =>
      ['error', 'warning'].includes(message.type()) && amiss(`console: ${message.text()} ${message.location().url}`),
  );
  page.on('pageerror', (error) => amiss(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    amiss(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on('popup', (popup) => amiss(`window: ${popup.url()}`));
  const isOwn = (url) =>
    url.startsWith(`${server.http}/`) || url.startsWith(`${server.ws}/`) || url.startsWith('blob:');
  context.on('request', (request) => isOwn(request.url()) || amiss(`request: ${request.url().slice(0, 200)}`));
  page.on('websocket', (socket) => isOwn(socket.url()) || amiss(`socket: ${socket.url()}`));
  await page.addInitScript(() => {
    window.refused = [];
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) => {
      window.refused.push(`${violatedDirective} ${blockedURI} ${sample}`);
    });
  });
  await page.goto(server.http);
  return page;
}

/** Nothing was refused by the policy, logged as an error, asked of another server, or popped up. */
export async function nothingAmiss(page) {
  assert.deepEqual(await page.evaluate(() => window.refused), [], 'refused by the content security policy');
  assert.deepEqual(page.amiss, [], 'what must not happen');
}

/** No rule of axe-core is broken by what is shown. */
export async function accessible(page, what) {
  // As an expression of the debugger, which the policy of the page leaves alone.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  const told = violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes
        .slice(0, 3)
        .map(({ html }) => html.slice(0, 160))
        .join(' | ')}`,
  );
  assert.deepEqual(told, [], `rules of accessibility broken by ${what}`);
}

/** The page itself never scrolls sideways. */
export async function fits(page, what) {
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(content <= window, `${what} is ${content} px wide on a page of ${window} px`);
}

export function nav(page, name) {
  return page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name });
}

/** Runs the English sample to its report. */
export async function runSample(page) {
  await nav(page, 'Request').click();
  await page.getByRole('button', { name: 'English' }).click();
  await page.waitForFunction(() => document.getElementById('document').value.includes('Group Spend'));
  await page.getByRole('button', { name: 'Start the run' }).click();
  await page.getByRole('heading', { level: 1, name: 'Group Spend Analytics' }).waitFor();
}

/** Asks in the chat that is shown, and waits for the end of the answer. */
export async function ask(page, question) {
  const before = await page.locator('.turn').count();
  await page.getByLabel('Question', { exact: true }).fill(question);
  await page.waitForFunction(() => !document.getElementById('chat-send').disabled);
  await page.keyboard.press('Enter');
  const turn = page.locator('.turn').nth(before);
  await turn.locator('.answer:not([aria-busy])').waitFor({ state: 'attached' });
  return turn;
}

/** What a click downloads: the suggested name and the text. */
export async function download(page, link) {
  const [file] = await Promise.all([page.waitForEvent('download'), link.click()]);
  return { name: file.suggestedFilename(), text: readFileSync(await file.path(), 'utf8') };
}
