// A service that asks for a token: the person is asked once, and everything works with it.

import assert from 'node:assert/strict';
import { check } from '../clients/support.mjs';
import { accessible, ask, download, nav, nothingAmiss, runSample, visiting } from './visit.mjs';

const TOKEN = 'console-token-0123456789';

export async function tokens(binary) {
  await visiting(binary, { MCOP_API_TOKEN: `another-token-0123456789,${TOKEN}` }, async (open) => {
    await check('tokens: the person is asked, a wrong one is refused in words, the right one is kept', () => asked(open));
    await check('tokens: runs, documents and chat work with it', () => used(open));
    await check('tokens: whoever gives none is told how to go on', async () => {
      const page = await refusedPage(open);
      await page.getByRole('button', { name: 'Cancel' }).click();
      await nav(page, 'Catalog').click();
      await page.getByText(/asks for a token. Reload the page/).first().waitFor();
      assert.ok(await page.locator('#token-dialog').isHidden(), 'nobody is asked twice');
    });
  });
}

/** A page whose first calls are refused. */
async function refusedPage(open) {
  const page = await open();
  page.expected = /status of 401/;
  page.amiss = page.amiss.filter((what) => !page.expected.test(what));
  await page.getByRole('heading', { name: 'This service asks for a token' }).waitFor();
  return page;
}

async function give(page, token) {
  await page.getByLabel('Token', { exact: true }).fill(token);
  await page.keyboard.press('Enter');
}

async function asked(open) {
  const page = await refusedPage(open);
  await accessible(page, 'the question for a token');
  await give(page, 'a-wrong-token-0123456789');
  await page.getByText('The token was not accepted.').waitFor();
  await give(page, TOKEN);
  await page.locator('#catalog-size', { hasText: 'tables' }).waitFor();
  assert.ok(await page.locator('#token-dialog').isHidden());
  await page.reload();
  await page.locator('#catalog-size', { hasText: 'tables' }).waitFor();
  await nothingAmiss(page);
}

async function used(open) {
  const page = await refusedPage(open);
  await give(page, TOKEN);
  await runSample(page);
  const report = await download(page, page.getByRole('link', { name: 'governance_report.md' }));
  assert.equal(report.name, 'governance_report.md');
  assert.match(report.text, /^# /);
  await nav(page, 'Diagram').click();
  await page.locator('#diagram svg').first().waitFor();
  await nav(page, 'Chat').click();
  await page.locator('#chat-state').getByText('Connected').waitFor();
  const turn = await ask(page, 'How many tables are there?');
  assert.match(await turn.locator('.answer').innerText(), /[0-9]+ tables/);
  await nothingAmiss(page);
}
