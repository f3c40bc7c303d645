import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { pythonExecutable } from '../../lib/environment';
import { viewBundle } from '../../lib/figures/bundle';
import type { View } from '../../lib/figures/wire';
import { allFigures, progress } from '../figures/examples';
import { useLab } from './lab';
import { notebook } from './notebook';

const evil = `</script><img src=x onerror="window.hacked=1">`;
const [first, second] = allFigures();
const view: View = {
  version: 1,
  kind: 'run',
  progress: { ...progress, message: evil },
  figures: [{ ...first!, title: evil }, second!],
};
const files = { 'saved.ipynb': notebook([{ source: 'a run', outputs: [viewBundle(view)] }]) };

describe('a saved view without the extension', function () {
  this.timeout(180_000);
  const lab = useLab({ files, disabled: ['credence-lab'] });

  it('is a picture in JupyterLab, and words until the notebook is trusted', async () => {
    const { page } = await lab().open('saved.ipynb');
    // JupyterLab shows no SVG that may hold a script; ours holds none, but only our extension knows
    await page.locator('.jp-RenderedText', { hasText: 'Running: step 412' }).waitFor();
    await page.evaluate(`(() => {
      for (const cell of window.jupyterapp.shell.currentWidget.content.model.cells) cell.trusted = true;
    })()`);
    const picture = page.locator('.jp-RenderedSVG img, .jp-RenderedSVG svg').first();
    await picture.waitFor();
    const box = (await picture.boundingBox())!;
    assert.ok(box.width > 300 && box.height > 200, JSON.stringify(box));
    assert.equal(await page.evaluate('window.hacked ?? 0'), 0);
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
    const picture = page.locator('.jp-OutputArea-output img, .jp-OutputArea-output svg').first();
    await picture.waitFor();
    assert.ok((await picture.boundingBox())!.width > 300);
    assert.equal(await page.evaluate('window.hacked ?? 0'), 0);
    await page.close();
  });
});
