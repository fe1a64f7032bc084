// The pictures of the README: a report, a diagram, a chat, as a person sees them.

import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DESKTOP, ask, nav, runSample, visiting } from './visit.mjs';

export async function screenshots(binary, folder) {
  mkdirSync(folder, { recursive: true });
  await visiting(binary, {}, async (open) => {
    const page = await open(DESKTOP);
    const picture = async (name) => {
      const path = join(folder, `console-${name}.png`);
      await page.mouse.move(0, 0);
      await page.evaluate(() => document.activeElement.blur());
      await page.screenshot({ path, animations: 'disabled' });
      console.log(`${path}: ${Math.round(statSync(path).size / 1024)} KiB`);
    };
    await runSample(page);
    await page.locator('#section-documents a').first().waitFor();
    await picture('run');
    await nav(page, 'Diagram').click();
    await page.locator('#diagram .stage [data-table]').first().waitFor();
    await picture('diagram');
    await nav(page, 'Chat').click();
    await ask(page, 'How do I join spend with suppliers?');
    const turn = await ask(page, 'Draw factv_spend_analysis');
    await turn.locator('.stage [data-table]').first().waitFor();
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    await picture('chat');
  });
}
