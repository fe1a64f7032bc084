// A person who never saw the product: the sample request, its report, the diagram, the catalog, two questions.

import assert from 'node:assert/strict';
import { check } from '../clients/support.mjs';
import { accessible, ask, download, nav, nothingAmiss, runSample, visiting } from './visit.mjs';

export async function newcomer(binary) {
  await visiting(binary, {}, async (open, server) => {
    const page = await open();
    const json = async (path) => (await fetch(`${server.http}/${path}`)).json();
    let id;
    await check('newcomer: the sample request runs through five steps to its report', async () => {
      await accessible(page, 'the request');
      await runSample(page);
      id = new URLSearchParams(new URL(page.url()).hash.split('?')[1]).get('id');
      const states = await page.locator('.step').evaluateAll((steps) => steps.map((step) => step.dataset.state));
      assert.deepEqual(states, Array(5).fill('done'));
      const result = await json(`api/pipeline/${id}/result`);
      const score = `${Math.round(result.tool3_output.quality_score * 100)} %`;
      assert.equal(
        await page.locator('.figure-box', { hasText: 'Quality score' }).locator('.big').textContent(),
        score,
      );
      const mapped = result.tool1_output.mappings;
      const rows = page.locator('#section-entities table').first().locator('tbody tr');
      assert.equal(await rows.count(), mapped.length);
      for (const [i, { entity, status, candidates }] of mapped.entries()) {
        const text = await rows.nth(i).innerText();
        assert.ok(
          text.includes(entity) && text.includes(status === 'matched' ? candidates[0].full_name : 'gap'),
          `${entity}: ${text}`,
        );
      }
      assert.equal(
        await page.locator('#section-recommendations table tbody tr').count(),
        Math.min(25, result.tool3_output.recommendations.length),
      );
      await accessible(page, 'the report');
    });
    await check('newcomer: the steps came as a stream, with what each found', async () => {
      const found = await page
        .locator('.step')
        .evaluateAll((steps) => steps.map((step) => step.querySelector('.step-more').textContent));
      assert.ok(
        found.every((text) => /\d/.test(text)),
        `figures of the steps: ${found.join(' | ')}`,
      );
    });
    await check('newcomer: every document of the run can be downloaded', async () => {
      const { artifacts } = await json(`api/pipeline/${id}/artifacts`);
      const report = await download(page, page.getByRole('link', { name: 'governance_report.md' }));
      assert.equal(report.name, 'governance_report.md');
      assert.equal(
        report.text,
        await (await fetch(`${server.http}/api/pipeline/${id}/artifacts/governance_report.md`)).text(),
      );
      for (const { name } of artifacts) await page.getByRole('link', { name, exact: true }).first().waitFor();
      const [zip] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: /zip/ }).first().click(),
      ]);
      assert.equal(zip.suggestedFilename(), 'artifacts.zip');
    });
    await check('newcomer: the diagram is drawn, zoomed, moved, focused and saved', () => diagram(page));
    await check('newcomer: the catalog is filtered, sorted and searched by meaning', () => catalog(page));
    await check('newcomer: two questions are answered, with look-ups, figures and a drawing', async () => {
      await nav(page, 'Chat').click();
      const found = await ask(page, 'What did my run find?');
      assert.match(await found.innerText(), /Group Spend Analytics/);
      const drawn = await ask(page, 'Draw factv_purchase_order');
      assert.match(await drawn.locator('.looked-up').innerText(), /find_relationships/);
      await drawn.locator('.stage [data-table="dm_ba_purchase.factv_purchase_order"]').waitFor();
      await drawn.getByText('Mermaid source').click();
      assert.match(await drawn.locator('.source').innerText(), /^erDiagram\n/);
      await accessible(page, 'the chat');
    });
    await check('newcomer: a reload and a shared address lead back', async () => {
      await page.reload();
      await page.locator('.turn').nth(1).waitFor();
      await page.goto(`${server.http}/#/run?id=${id}&section=joins`);
      await page.locator('#section-joins').waitFor();
      await page.goto(`${server.http}/#/catalog?table=dm_bs_purchase.dimv_supplier`);
      await page.getByRole('heading', { level: 2, name: 'dimv_supplier' }).waitFor();
    });
    await check('newcomer: nothing was amiss on the way', () => nothingAmiss(page));
  });
}

async function diagram(page) {
  await nav(page, 'Diagram').click();
  const stage = page.locator('#diagram .stage');
  const tables = stage.locator('[data-table]');
  await tables.first().waitFor();
  const all = await tables.count();
  const seen = () =>
    stage
      .locator('svg')
      .getAttribute('viewBox')
      .then((box) => box.split(' ').map(Number));
  const fitted = await seen();
  await page.getByRole('button', { name: 'Zoom in' }).click();
  const zoomed = await seen();
  assert.ok(zoomed[2] < fitted[2], 'zoom in shows less');
  await stage.hover();
  await page.keyboard.down('Control');
  await page.mouse.wheel(0, -200);
  await page.keyboard.up('Control');
  assert.ok((await seen())[2] < zoomed[2], 'the wheel with Ctrl zooms');
  const before = await seen();
  const box = await stage.boundingBox();
  await page.mouse.move(box.x + 200, box.y + 200);
  await page.mouse.down();
  await page.mouse.move(box.x + 320, box.y + 260, { steps: 4 });
  await page.mouse.up();
  assert.ok((await seen())[0] < before[0], 'a drag moves it');
  assert.ok(!page.url().includes('table='), 'a drag opens nothing');
  await page.getByRole('button', { name: 'Fit' }).click();
  assert.deepEqual(await seen(), fitted);
  const name = 'dm_ba_purchase.dimv_supplier';
  await page.getByLabel('Focus on a table').fill(name);
  await page.keyboard.press('Enter');
  await page.waitForFunction((before) => document.querySelectorAll('#diagram [data-table]').length < before, all);
  await stage.locator(`[data-table="${name}"]`).click();
  await page.getByRole('heading', { level: 2, name: 'dimv_supplier' }).waitFor();
  await accessible(page, 'the diagram');
  const svg = await download(page, page.getByRole('button', { name: 'Save SVG' }));
  assert.deepEqual([svg.name, /^<(\?xml|svg)/.test(svg.text)], ['diagram.svg', true]);
  const mermaid = await download(page, page.getByRole('button', { name: 'Save .mmd' }));
  assert.deepEqual([mermaid.name, mermaid.text.startsWith('erDiagram')], ['diagram.mmd', true]);
}

async function catalog(page) {
  await nav(page, 'Catalog').click();
  const rows = page.locator('#tables tbody tr');
  await page.getByText('1–50 of 58').waitFor();
  await page.getByLabel('Name or description').fill('dodav supplier');
  await page.getByText('No table fits.').waitFor();
  await page.getByLabel('Name or description').fill('SUPPLIÉR');
  await page.getByLabel('Type', { exact: true }).selectOption('FACT');
  await page.waitForFunction(() => {
    const types = [...document.querySelectorAll('#tables tbody tr')].map((row) => row.children[1].textContent);
    return types.length > 0 && types.every((type) => type === 'fact');
  });
  await page.getByLabel('Name or description').fill('');
  await page.getByLabel('Type', { exact: true }).selectOption('');
  await page.getByText('1–50 of 58').waitFor();
  await page.getByRole('button', { name: 'Columns' }).click();
  await page.waitForFunction(() => document.querySelector('#tables [aria-sort="descending"]'));
  const counts = await rows.evaluateAll((all) => all.map((row) => Number(row.children[3].textContent)));
  assert.deepEqual(
    counts,
    counts.toSorted((a, b) => b - a),
    'most columns first',
  );
  await accessible(page, 'the catalog');
  await page.getByRole('link', { name: 'Find by business term' }).click();
  await page.getByRole('searchbox', { name: 'Business term' }).fill('dodavatelé');
  await page.keyboard.press('Enter');
  const best = page.locator('ol.found > li').first();
  assert.match(await best.innerText(), /supplier[\s\S]*\d %[\s\S]*supplier/);
  await best.getByRole('link').click();
  await page.locator('#table-pane').getByRole('heading', { level: 2 }).waitFor();
  await page.locator('#table-pane .stage').scrollIntoViewIfNeeded();
  await page.locator('#table-pane .stage [data-table]').first().waitFor();
  await page.getByRole('heading', { level: 3, name: 'Lineage' }).waitFor();
  await accessible(page, 'a table');
}
