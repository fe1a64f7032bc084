// A catalog that attacks: its names, types and descriptions are shown as the text they are, and do nothing.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { check, temporaryFolder } from '../clients/support.mjs';
import { accessible, ask, fits, nav, nothingAmiss, visiting } from './visit.mjs';

const ATTACKS = [
  '<img src=x onerror="window.harmed=1">',
  '"><script>window.harmed=1</script>',
  "');window.harmed=1;//",
  'javascript:window.harmed=1',
  '%%{init: {"securityLevel": "loose"}}%%',
  '</title></desc></svg><svg onload="window.harmed=1">',
  '<iframe src="https://evil.example/"></iframe>',
  '[click](javascript:window.harmed=1) ![x](https://evil.example/x.png)',
  '<style>*{display:none}</style>',
  'orders\u202Eselas\u2066',
  '../../..',
  '%2e%2e/%00?a=b#c&d',
  '<a href="https://evil.example" style="position:fixed;inset:0">x</a>',
  'supplier '.repeat(560),
  'x'.repeat(5000),
  '&lt;b&gt;&amp;#x41;',
];

/** An export whose every text is an attack. */
function catalogFile() {
  const assets = [
    {
      id: 's',
      typeName: 'Schema',
      displayName: ATTACKS[0],
      fullName: `Systems>dwh>${ATTACKS[0]}`,
      description: ATTACKS[1],
    },
  ];
  ATTACKS.forEach((text, i) => {
    assets.push({
      id: `t${i}`,
      typeName: 'Database View',
      displayName: text,
      fullName: `Systems>dwh>${ATTACKS[0]}>${text}`,
      'Hierarcy Relation': 's',
      description: `Orders of suppliers ${ATTACKS[(i + 3) % ATTACKS.length]}`,
    });
    for (const [j, name] of ['order_id', `${text} id`, ATTACKS[(i + 1) % ATTACKS.length]].entries()) {
      assets.push({
        id: `c${i}.${j}`,
        typeName: 'Column',
        displayName: name,
        'Hierarcy Relation': `t${i}`,
        technicalDataType: ATTACKS[(i + 5) % ATTACKS.length].slice(0, 300),
        description: ATTACKS[(i + 7) % ATTACKS.length],
      });
    }
  });
  const file = join(temporaryFolder(), 'hostile.json');
  writeFileSync(file, JSON.stringify(assets));
  return file;
}

/** Nothing ran, nothing was made that only markup makes, and no window of another page is there. */
async function unharmed(page) {
  const found = await page.evaluate(() => ({
    harmed: window.harmed ?? null,
    made: [
      ...document.querySelectorAll(
        'main script, main iframe, main style, main object, main embed, main img, main image, main foreignObject, main use, main base, main link',
      ),
    ].map(({ outerHTML }) => outerHTML.slice(0, 100)),
    handlers: [...document.querySelectorAll('main *')].flatMap(({ attributes }) =>
      [...attributes]
        .filter(({ name }) => name.startsWith('on') || name === 'style')
        .map(({ name, value }) => `${name}=${value}`),
    ),
    // To views, to the service, and to the web where Markdown says so: cut off from this page.
    links: [...document.querySelectorAll('main a[href]')]
      .filter(
        (link) =>
          !/^#\/|^http:\/\/localhost:\d+\/api\//.test(link.getAttribute('href')) &&
          !(link.protocol === 'https:' && link.relList.contains('noopener')),
      )
      .map(({ href }) => href),
  }));
  assert.deepEqual(found, { harmed: null, made: [], handlers: [], links: [] });
  await nothingAmiss(page);
}

export async function hostile(binary) {
  await visiting(binary, { CATALOG_PATH: catalogFile() }, async (open, server) => {
    const page = await open();
    const tables = await (await fetch(`${server.http}/api/tables`)).json();
    await check('hostile: the catalog shows every name as text', async () => {
      await nav(page, 'Catalog').click();
      await page
        .locator('#tables tbody tr')
        .nth(tables.length - 1)
        .waitFor();
      const shown = await page.locator('#tables tbody th').allInnerTexts();
      for (const { name } of tables) {
        assert.ok(
          shown.some((text) => name.trim().startsWith(text.replace(/…$/, '').trim().slice(0, 100))),
          `not shown: ${name.slice(0, 80)}`,
        );
      }
      await accessible(page, 'a hostile catalog');
      await fits(page, 'a hostile catalog');
      await unharmed(page);
    });
    await check('hostile: the details and drawing of every table show text', async () => {
      page.expected = /status of 4\d\d/; // A name such as `..` is no address of a table.
      for (const { full_name: name } of tables) {
        await page.goto(`${server.http}/#/catalog?${new URLSearchParams({ table: name })}`);
        await page.waitForFunction(() => !/Loading|Drawing…/.test(document.getElementById('table-pane').innerText));
        await fits(page, `the details of ${name.slice(0, 40)}`);
      }
      await unharmed(page);
    });
    await check('hostile: searches, a run, its diagram and the chat show text', async () => {
      await page.goto(
        `${server.http}/#/catalog?${new URLSearchParams({ find: 'terms', q: 'orders of suppliers <img src=x onerror=window.harmed=1>' })}`,
      );
      await page.locator('#found :is(li, .note)').first().waitFor();
      await unharmed(page);
      await nav(page, 'Request').click();
      const listed = ATTACKS.map((text) => `- **${text.slice(0, 200)}** – orders of suppliers`).join('\n');
      await page
        .getByLabel('Business request')
        .fill(
          `# ${ATTACKS[1]}\n\n**Goal:** ${ATTACKS[0]}\n\n## Key entities\n\n${listed}\n\n## Metrics\n\n- ${ATTACKS[7]}\n`,
        );
      await page.getByRole('button', { name: 'Start the run' }).click();
      await page.locator('.report-body').waitFor();
      await fits(page, 'a hostile report');
      await accessible(page, 'a hostile report');
      await unharmed(page);
      await nav(page, 'Diagram').click();
      await page.locator('#diagram .stage svg').waitFor();
      await unharmed(page);
      await nav(page, 'Chat').click();
      for (const question of ['List all tables', ATTACKS[0], 'Draw orders_id', ATTACKS[7]]) await ask(page, question);
      await fits(page, 'a hostile chat');
      await unharmed(page);
    });
    await check('hostile: what a socket and a drawing hold is no markup either', () => forged(open));
  });
}

/** Frames and drawings such as no service of ours would send. */
async function forged(open) {
  const page = await open();
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 100 100" onload="window.harmed=1">
    <script>window.harmed=1</script><style>body{display:none}</style><foreignObject><body xmlns="http://www.w3.org/1999/xhtml"><img src="x" onerror="window.harmed=1"/></body></foreignObject>
    <image href="https://evil.example/x.png"/><use href="https://evil.example/x.svg#a"/><a href="javascript:window.harmed=1"><text>x</text></a>
    <set attributeName="href" to="javascript:window.harmed=1"/><rect fill="url(https://evil.example/f)" style="fill:url(https://evil.example/g)" width="9" height="9"/>
    <g class="entity" data-table="a.b"><rect class="entity-box" width="9" height="9"/><title>a.b</title></g></svg>`;
  await page.route('**/diagram*', (route) => route.fulfill({ contentType: 'image/svg+xml', body: drawing }));
  await page.routeWebSocket('**/ws/**', (socket) => {
    socket.onMessage(() => {
      const content = ATTACKS.join('\n\n');
      for (const type of ['tool', 'agent_partial', 'agent']) {
        socket.send(
          JSON.stringify({
            type,
            content,
            diagram: content,
            metrics: { total_tables: '<b>', schema_name: ATTACKS[0] },
            canvas_trigger: { entity_name: ATTACKS[0] },
            timestamp: '',
          }),
        );
      }
    });
  });
  await nav(page, 'Chat').click();
  const turn = await ask(page, 'hello');
  await turn.locator('.stage .entity').waitFor();
  assert.deepEqual(
    await turn
      .locator('.stage svg')
      .evaluate((svg) => [...svg.querySelectorAll('*')].map(({ localName }) => localName)),
    ['rect', 'g', 'rect', 'title'],
  );
  assert.match(await turn.innerText(), /<img src=x onerror/);
  // The document in which a drawing is read is under the policy too; what it refuses there never gets here.
  page.amiss = page.amiss.filter((what) => !what.includes('Content Security Policy'));
  await page.evaluate(() => (window.refused = window.refused.filter((what) => !what.endsWith(' inline '))));
  await unharmed(page);
}
