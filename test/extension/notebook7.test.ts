import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { kernelReady, labPython, outputFolder, runCell, useLab } from './lab';
import { ourNotebook, trainingCell, variedCells } from './notebook';

const hasNotebook = (): boolean => {
  const { status } = spawnSync(labPython('notebook'), ['-c', 'import notebook']);
  return status === 0;
};

const state = (page: Page, text: string): Promise<void> =>
  page.locator('.jp-Notebook .credence-run .credence-state', { hasText: new RegExp(`^${text}$`) }).waitFor();

describe('Notebook 7', function () {
  this.timeout(240_000);
  before(function () {
    if (hasNotebook()) return;
    process.stdout.write(
      `    skipped: no Notebook: set CREDENCE_FRONT_ENDS, see test/kernel/frontEnds.txt\n`,
    );
    this.skip();
  });
  const lab = useLab({
    files: {
      'varied.ipynb': ourNotebook(...variedCells),
      'training.ipynb': ourNotebook(trainingCell()),
    },
    application: 'notebook',
  });

  it('runs cells, and shows what they print and give', async () => {
    const { page } = await lab().open('varied.ipynb');
    await kernelReady(page);
    for (const [i] of variedCells.entries()) {
      await runCell(page, i);
      await page.locator('.jp-CodeCell').nth(i).locator('.jp-OutputArea-output').first().waitFor();
    }
    const outputs = await page.locator('.jp-CodeCell .jp-OutputArea-output').allInnerTexts();
    const shown = outputs.map((text) => text.trim()).filter((text) => text !== '');
    assert.deepEqual(shown, ['printed 42', 'bold', '43']);
    await page.close();
  });

  it('shows a run live, obeys its controls, and lists the runs at its side', async () => {
    const { page, errors } = await lab().open('training.ipynb');
    await kernelReady(page);
    await runCell(page, 0);
    await page.locator('.credence-plot:has(.main-svg)').nth(1).waitFor();
    await page.getByRole('button', { name: 'Pause run', exact: true }).click();
    await state(page, 'Paused');
    await page.evaluate(`window.jupyterapp.commands.execute('credence:show-runs')`);
    const entry = page.locator('.credence-listed').first();
    await entry.getByText('Paused').waitFor();
    await page.screenshot({ path: path.join(outputFolder(), 'notebook7.png') });
    await entry.getByRole('button', { name: /^Resume run/ }).click();
    await state(page, 'Running');
    await entry
      .getByRole('button', { name: /^Open run/ })
      .last()
      .click();
    await page.locator('.credence-tab .credence-plot:has(.main-svg)').first().waitFor();
    await page.screenshot({ path: path.join(outputFolder(), 'notebook7-open.png') });
    await entry.getByRole('button', { name: /^Stop run/ }).click();
    await state(page, 'Stopped');
    await page.evaluate(`window.jupyterapp.commands.execute('credence:open-documentation')`);
    await page.locator('.credence-documentation h1', { hasText: 'Documentation' }).waitFor();
    await page.screenshot({ path: path.join(outputFolder(), 'notebook7-documentation.png') });
    const ours = errors.filter((error) => !error.includes("reading 'schema'")); // Notebook's own, also without the extension
    assert.deepEqual(ours, []);
    await page.close();
  });
});
