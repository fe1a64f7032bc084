// Everything by the keyboard alone, and what a screen reader is told.

import assert from 'node:assert/strict';
import { check } from '../clients/support.mjs';
import { nothingAmiss, visiting } from './visit.mjs';

const focused = (page) => page.evaluate(() => document.activeElement.textContent.trim() || document.activeElement.id);

/** Presses Tab until the focus is where `isIt` says; in the page, by a selector. */
async function tabTo(page, selector, key = 'Tab') {
  for (let i = 0; i < 120; i += 1) {
    await page.keyboard.press(key);
    if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return;
  }
  assert.fail(`Tab never reaches ${selector}`);
}

export async function keyboard(binary) {
  await visiting(binary, {}, async (open) => {
    const page = await open();
    await check('keyboard: the first stop skips to the content', async () => {
      await page.keyboard.press('Tab');
      assert.equal(await focused(page), 'Skip to the content');
      await page.keyboard.press('Enter');
      assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
    });
    await check('keyboard: a sample, a run, a report', async () => {
      await tabTo(page, '[data-sample="sk"]');
      await page.keyboard.press('Enter');
      await page.waitForFunction(() => document.activeElement.id === 'start');
      await page.evaluate(() => {
        window.said = [];
        new MutationObserver(() => window.said.push(document.getElementById('announcer').textContent)).observe(
          document.getElementById('announcer'),
          { childList: true },
        );
      });
      await page.keyboard.press('Enter');
      await page.locator('.report-body').waitFor();
      assert.equal(await page.evaluate(() => document.activeElement.id), 'run-title');
      const said = await page.evaluate(() => window.said);
      assert.ok(said.at(-1).includes('complete'), said.join(' | '));
      await tabTo(page, '.contents a[href*="section=joins"]');
      await page.keyboard.press('Enter');
      await page.waitForFunction(() => document.activeElement.id === 'title-joins');
      await tabTo(page, '#section-joins summary');
      await page.keyboard.press('Enter');
      assert.ok((await page.locator('#section-joins details').first().getAttribute('open')) !== null);
    });
    await check('keyboard: the diagram is moved and zoomed, a table opened and closed', async () => {
      await tabTo(page, '[data-view="diagram"]', 'Shift+Tab');
      await page.keyboard.press('Enter');
      await page.locator('#diagram .stage [data-table]').first().waitFor();
      assert.equal(await focused(page), 'Diagram');
      await tabTo(page, '#diagram .stage');
      const seen = () => page.locator('#diagram .stage svg').getAttribute('viewBox');
      const views = [await seen()];
      for (const key of ['ArrowRight', 'ArrowDown', '+', '-', '0']) {
        await page.keyboard.press(key);
        views.push(await seen());
      }
      assert.equal(views[0], views.at(-1), '0 fits it');
      assert.equal(new Set(views).size, 4, 'each key moves it; plus and minus undo each other');
      await page.keyboard.press('Tab');
      const table = await page.evaluate(() => document.activeElement.dataset.table);
      await page.keyboard.press('Enter');
      await page.waitForFunction(
        (name) => document.activeElement.tagName === 'H2' && name.endsWith(document.activeElement.textContent),
        table,
      );
      await page.keyboard.press('Escape');
      await page.waitForFunction((name) => document.activeElement.dataset.table === name, table);
    });
    await check('keyboard: the catalog is filtered, a table opened and closed', async () => {
      await tabTo(page, '[data-view="catalog"]', 'Shift+Tab');
      await page.keyboard.press('Enter');
      await page.locator('#tables tbody tr').first().waitFor();
      await tabTo(page, '#table-q');
      await page.keyboard.type('warehouse');
      await page.waitForFunction(() => document.querySelectorAll('#tables tbody tr').length < 20);
      await tabTo(page, '#tables a.open');
      const name = await focused(page);
      await page.keyboard.press('Enter');
      await page.waitForFunction(
        (label) => document.activeElement.tagName === 'H2' && document.activeElement.textContent === label,
        name,
      );
      await page.keyboard.press('Escape');
      await page.waitForFunction((label) => document.activeElement.textContent === label, name);
      assert.ok(page.url().includes('q=warehouse'), 'the filter stays');
    });
    await check('keyboard: a question, and its finished answer is said once', async () => {
      await tabTo(page, '[data-view="chat"]', 'Shift+Tab');
      await page.keyboard.press('Enter');
      await page.waitForFunction(() => document.getElementById('chat-state').textContent === 'Connected');
      await tabTo(page, '#question');
      await page.evaluate(() => (window.said = []));
      await page.keyboard.type('Which facts are in dm_bs_logistics?');
      await page.keyboard.press('Enter');
      await page.locator('.turn .answer:not([aria-busy])').waitFor();
      assert.equal(await page.evaluate(() => document.activeElement.id), 'question');
      const said = await page.evaluate(() => window.said.filter((text) => text.startsWith('Answer:')));
      assert.equal(said.length, 1);
      assert.match(said[0], /4 facts/);
    });
    await check('keyboard: the focus can be seen wherever it is', async () => {
      for (let i = 0; i < 25; i += 1) {
        await page.keyboard.press('Tab');
        const style = await page.evaluate(() => {
          const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
          return [document.activeElement.tagName, outlineStyle, Number.parseFloat(outlineWidth)];
        });
        if (style[0] !== 'BODY') assert.ok(style[1] !== 'none' && style[2] >= 1, style.join());
      }
    });
    await check('keyboard: nothing was amiss on the way', () => nothingAmiss(page));
  });
}
