import assert from 'node:assert/strict';
import path from 'node:path';
import { outputFolder, useLab } from './lab';
import { notebook } from './notebook';

describe('the documentation in JupyterLab', function () {
  this.timeout(120_000);
  const lab = useLab({ files: { 'plain.ipynb': notebook([{ source: '1' }]) } });

  it('opens from the menu, without a network, and leads from page to page', async () => {
    const { page, errors, loaded } = await lab().open('plain.ipynb');
    assert.ok(![...loaded.keys()].some((name) => name.startsWith('docs/')));
    await page.getByRole('menuitem', { name: 'Help', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Credence documentation' }).click();
    const tab = page.locator('.credence-documentation');
    const heading = (name: string) => tab.getByRole('heading', { name, level: 1 });
    await heading('Documentation').waitFor();
    await page.screenshot({ path: path.join(outputFolder(), 'documentation.png') });
    assert.equal(await tab.getByRole('link', { name: 'torch_blue', exact: true }).count(), 1);

    await tab.getByRole('link', { name: 'Pictures' }).click();
    await heading('Pictures').waitFor();
    await page.waitForFunction(
      `[...document.querySelectorAll('.credence-documentation img')].every((image) => image.naturalWidth > 100)`,
    );
    assert.ok((await tab.locator('img').count()) > 5);
    await tab.getByRole('link', { name: 'show.pruning' }).click();
    await page.waitForFunction(`document.querySelector('.credence-documentation').scrollTop > 500`);
    assert.equal(await heading('Pictures').count(), 1);
    await page.screenshot({ path: path.join(outputFolder(), 'documentation-page.png') });

    await tab.getByRole('button', { name: 'Contents' }).click();
    await heading('Documentation').waitFor();
    await tab.getByRole('button', { name: 'Back' }).click();
    await heading('Pictures').waitFor();
    assert.equal(await page.evaluate(`window.jupyterapp.shell.currentWidget.id`), 'credence-documentation');
    assert.deepEqual(errors, []);
    await page.close();
  });

  it('starts the quickstart where it speaks of it, and has no link that leads nowhere', async () => {
    const { page, errors } = await lab().open('plain.ipynb');
    await page.evaluate(`window.jupyterapp.commands.execute('credence:open-documentation')`);
    const tab = page.locator('.credence-documentation');
    await tab.getByRole('link', { name: 'quickstart' }).click();
    await page.waitForFunction(
      `window.jupyterapp.shell.currentWidget?.context?.path === 'credence-quickstart.ipynb'`,
    );
    await page.evaluate(`window.jupyterapp.commands.execute('credence:open-documentation')`);
    // every page, from link to link
    const dead = await page.evaluate<string[]>(`(async () => {
      const base = document.querySelector('.credence-documentation a[href$="views.md"]').href.replace('views.md', '');
      const [seen, waiting, dead] = [new Set(), [base + 'README.md'], []];
      while (waiting.length > 0) {
        const url = waiting.pop();
        if (seen.has(url)) continue;
        seen.add(url);
        const answer = await fetch(url);
        if (!answer.ok) dead.push(url);
        if (!url.endsWith('.md')) continue;
        for (const [, link] of (await answer.text()).matchAll(/\\]\\(([^)\\s#]+)[^)]*\\)/g)) {
          const target = new URL(link, url).href;
          if (target.startsWith(base)) waiting.push(target);
        }
      }
      return seen.size > 20 ? dead : ['too few pages: ' + seen.size];
    })()`);
    assert.deepEqual(dead, []);
    assert.deepEqual(errors, []);
    await page.close();
  });
});
