import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { pythonExecutable } from '../../lib/environment';
import { viewBundle } from '../../lib/figures/bundle';
import type { View } from '../../lib/figures/wire/messages';
import { allFigures, progress } from '../figures/examples';
import { outputFolder, useLab } from './lab';
import { notebook } from './notebook';

const evil = `"></script><script>window.hacked=1</script><img src=x onerror="window.hacked=1">`;
const [first, second] = allFigures();
const view: View = {
  version: 1,
  kind: 'run',
  progress: { ...progress, message: evil },
  figures: [{ ...first!, title: evil, description: evil }, second!],
};
const outputs = [viewBundle(view)];
const files = {
  'saved.ipynb': notebook([{ source: 'a run', outputs }]),
  'trusted.ipynb': notebook([{ source: 'a run', outputs }]),
};

/** The picture of the only output of the page: an <img>, large enough to be read, and nothing has run. */
async function assertPicture(page: Page): Promise<void> {
  const picture = page.locator('.jp-OutputArea-output img').first();
  await picture.waitFor();
  await page.waitForFunction(`document.querySelector('.jp-OutputArea-output img').naturalWidth > 300`);
  const box = (await picture.boundingBox())!;
  const output = (await page.locator('.jp-OutputArea-output').first().boundingBox())!;
  assert.ok(box.width > 300 && box.height > 150, JSON.stringify(box));
  assert.ok(box.x + box.width <= output.x + output.width, 'not clipped');
  assert.match((await picture.getAttribute('alt')) ?? '', /^Running: step 412/);
  assert.equal(await page.locator('.jp-OutputArea-output img').count(), 1);
  assert.equal(await page.locator('.jp-OutputArea-output script').count(), 0);
  assert.equal(await page.evaluate('window.hacked ?? 0'), 0);
}

/** Whether JupyterLab trusts the first cell. */
const trusted = (page: Page): Promise<boolean> =>
  page.evaluate<boolean>(`window.jupyterapp.shell.currentWidget.content.model.cells.get(0).trusted`);

describe('a saved view without the extension', function () {
  this.timeout(180_000);
  const lab = useLab({ files, disabled: ['credence-lab'] });

  it('is a picture in a notebook that is not trusted', async () => {
    const { page } = await lab().open('saved.ipynb');
    await assertPicture(page);
    assert.equal(await trusted(page), false);
    await page.screenshot({ path: path.join(outputFolder(), 'fallback.png') });
    await page.setViewportSize({ width: 500, height: 800 });
    await assertPicture(page);
    await page.close();
  });

  it('is a picture in a trusted notebook', async () => {
    const { page } = await lab().open('trusted.ipynb');
    await page.locator('.jp-OutputArea-output img').waitFor();
    await page.evaluate(`(() => {
      for (const cell of window.jupyterapp.shell.currentWidget.content.model.cells) cell.trusted = true;
    })()`);
    assert.equal(await trusted(page), true);
    await assertPicture(page);
    await page.close();
  });

  it('is a picture in the HTML that nbconvert makes', async () => {
    const source = path.join(lab().root, 'saved.ipynb');
    execFileSync(pythonExecutable(), ['-m', 'nbconvert', '--to', 'html', source], { stdio: 'pipe' });
    const file = source.replace(/ipynb$/, 'html');
    // Where there is no network, nbconvert's page must not wait for libraries from there
    writeFileSync(file, readFileSync(file, 'utf8').replace(/<script src="https:[^>]*><\/script>/g, ''));
    const { page } = await lab().open('saved.ipynb');
    await page.goto(pathToFileURL(file).href, { waitUntil: 'domcontentloaded' });
    await assertPicture(page);
    await page.close();
  });
});
