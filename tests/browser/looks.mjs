// Every view on a phone and in the dark, by the rules of axe-core; and a catalog of ten thousand tables.

import assert from 'node:assert/strict';
import { check } from '../clients/support.mjs';
import { DESKTOP, PHONE, accessible, ask, fits, nav, nothingAmiss, runSample, visiting } from './visit.mjs';

const MANY = 10_000;
/** What a key press may cost with so many tables, on a slow machine. */
const KEY_MS = 1_000;

/** Each view with something in it, one after the other. */
export async function everyView(page, base, look) {
  await look('request');
  await runSample(page);
  await look('run');
  await nav(page, 'Diagram').click();
  await page.locator('#diagram .stage [data-table]').first().waitFor();
  await look('diagram');
  await page.locator('#diagram .stage [data-table]').first().focus();
  await page.keyboard.press('Enter');
  await page.locator('#diagram .part').first().waitFor();
  await look('diagram-table');
  await nav(page, 'Catalog').click();
  await page.locator('#tables tbody tr').first().waitFor();
  await look('catalog');
  await page.goto(`${base}/#/catalog?table=dm_bs_purchase.factv_purchase_order`);
  await page.locator('#table-pane .part').first().waitFor();
  await look('table');
  await page.goto(`${base}/#/catalog?find=terms&q=${encodeURIComponent('objednávky dodavatelů')}`);
  await page.locator('ol.found > li').first().waitFor();
  await look('terms');
  await nav(page, 'Chat').click();
  await look('chat-empty');
  const turn = await ask(page, 'Draw factv_purchase_order');
  await turn.locator('.stage [data-table]').first().waitFor();
  await look('chat');
}

const LOOKS = { light: DESKTOP, dark: { ...DESKTOP, colorScheme: 'dark' }, phone: PHONE };

export async function looks(binary) {
  await visiting(binary, {}, async (open, server) => {
    for (const [name, options] of Object.entries(LOOKS)) {
      await check(`looks, ${name}: every view is accessible and as wide as the page`, async () => {
        const page = await open(options);
        await everyView(page, server.http, async (view) => {
          await accessible(page, `${view}, ${name}`);
          await fits(page, `${view}, ${name}`);
        });
        await nothingAmiss(page);
      });
    }
    await check('looks: the switch of the theme wins over the system and is kept', async () => {
      const page = await open();
      const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const light = await ground();
      await page.getByLabel('Theme').selectOption('dark');
      const dark = await ground();
      assert.notEqual(light, dark);
      await page.reload();
      assert.equal(await ground(), dark);
      await page.getByLabel('Theme').selectOption('auto');
      assert.equal(await ground(), light);
    });
    await check('looks: a phone pinches and drags the diagram, and a tap opens a table', async () => {
      const page = await open(PHONE);
      await runSample(page);
      await nav(page, 'Diagram').click();
      await page.locator('#diagram .stage [data-table]').first().waitFor();
      await pinch(page);
      await page.getByRole('button', { name: 'Fit' }).click();
      await page.locator('#diagram .stage [data-table]').first().tap();
      await page.locator('#diagram .part').first().waitFor();
      await nothingAmiss(page);
    });
    await check(`looks: ${MANY} tables are filtered and sorted at once, fifty rows at a time`, () => many(open));
  });
}

async function pinch(page) {
  const stage = page.locator('#diagram .stage');
  const width = async () => Number((await stage.locator('svg').getAttribute('viewBox')).split(' ')[2]);
  const before = await width();
  await stage.scrollIntoViewIfNeeded();
  const { x, y, height } = await stage.boundingBox();
  const touch = await page.context().newCDPSession(page);
  const fingers = (apart) => [1, -1].map((side, id) => ({ x: x + 150 + side * apart, y: y + height / 2, id }));
  await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: fingers(20) });
  for (const apart of [40, 60, 80])
    await touch.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: fingers(apart) });
  await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  assert.ok((await width()) < before, 'two fingers apart show less');
}

async function many(open) {
  const page = await open();
  const schema = (i) => `mart_${i % 40}`;
  const table = (_, i) => ({
    name: `table_${i}`,
    full_name: `${schema(i)}.table_${i}`,
    table_type: i % 3 ? 'DIMENSION' : 'FACT',
    schema: schema(i),
    description: `Čísla of thing ${i}`,
    column_count: i % 90,
    confidence: 0.9,
  });
  await page.route('**/api/tables', (route) => route.fulfill({ json: Array.from({ length: MANY }, table) }));
  await nav(page, 'Catalog').click();
  await page.getByText('1–50 of 10,000').waitFor();
  const slowest = await page.evaluate(async () => {
    const field = document.getElementById('table-q');
    const shown = () => document.querySelector('#tables .range').textContent;
    let most = 0;
    for (const text of ['c', 'cisla', 'cisla 77', 'table_7777']) {
      const before = shown();
      field.value = text;
      const started = performance.now();
      field.dispatchEvent(new Event('input', { bubbles: true }));
      while (shown() === before && performance.now() - started < 3000 && text !== 'c' && text !== 'cisla')
        await new Promise(requestAnimationFrame);
      most = Math.max(most, performance.now() - started);
    }
    return most;
  });
  await page
    .getByText('1 (')
    .or(page.getByText('1 in all'))
    .or(page.locator('#tables .range', { hasText: /^1\b/ }))
    .first()
    .waitFor();
  assert.ok(slowest < KEY_MS, `a key took ${Math.round(slowest)} ms`);
  await page.getByLabel('Name or description').fill('');
  await page.getByText('1–50 of 10,000').waitFor();
  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByText('51–100 of 10,000').waitFor();
  assert.equal(await page.locator('#tables tbody tr').count(), 50);
}
