import assert from 'node:assert/strict';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { kernelReady, type LabPage, outputFolder, runCell, useLab } from '../extension/lab';
import { ourNotebook } from '../extension/notebook';

const cells = [
  `import { adam, data, fit, layers, likelihoods, resume, runs, sequential, vi } from 'credence';
const wave = data.wave({ points: 100, noise: 0.1, seed: 1 });
const model = sequential([layers.dense({ units: 32, activation: 'gelu' }), layers.dense({ units: 1 })]);
const options = {
  method: vi({ samples: 4, klWeight: 0.05 }),
  likelihood: likelihoods.gaussian(),
  optimizer: adam(1e-2),
  epochs: 1_000_000,
  batchSize: 100,
  devices: 2,
};`,
  `const run = fit(model, wave.train, options);
run`,
  `const last = runs.list()[0]!;
console.log(last.state, last.step > 0);
const again = resume(last.id, model, wave.train, options);
const from = again.step;
again`,
  `while (again.step === from) await new Promise((resolve) => setTimeout(resolve, 20));
again.stop();
await again.done;
console.log(again.state, again.id === last.id, again.step > from, from > 100);`,
];

describe('a training run whose kernel is restarted', () => {
  const lab = useLab({ files: { 'restart.ipynb': ourNotebook(...cells) } });
  let tab: LabPage;
  let page: Page;

  before(async () => {
    tab = await lab().open('restart.ipynb');
    page = tab.page;
    await kernelReady(page);
  });

  /** Waits until the view in the output of a cell tells of more than so many steps. */
  const stepsAfter = (cell: number, steps: number): Promise<unknown> =>
    page.waitForFunction(
      `Number(document.querySelectorAll('.jp-CodeCell')[${cell}].querySelector('.credence-progress')
        ?.getAttribute('aria-valuenow')) > ${steps}`,
    );

  it('goes on where it was', async () => {
    await runCell(page, 0);
    await runCell(page, 1);
    await stepsAfter(1, 100);
    await page.waitForTimeout(1500); // the state is copied every second
    const done = page.evaluate(`window.jupyterapp.commands.execute('notebook:restart-kernel')`);
    await page.getByRole('button', { name: 'Confirm Kernel Restart' }).click();
    await done;
    await kernelReady(page);
    await page.locator('.credence-state', { hasText: /^Interrupted$/ }).waitFor();
    assert.match(
      (await page.locator('.credence-message').first().textContent()) ?? '',
      /Kept on disk until step \d+: resume\('[\d-]+[0-9a-f]{4}'\)/,
    );
    await page.screenshot({ path: path.join(outputFolder(), 'interrupted.png') });
    await runCell(page, 0);
    await runCell(page, 2);
    // a restart interrupts first: it depends on the moment whether the run has time to note that it stopped
    await page
      .getByText(/^(interrupted|stopped) true$/m)
      .first()
      .waitFor();
    await stepsAfter(2, 0);
    await runCell(page, 3);
    await page.getByText('stopped true true true').waitFor();
    await page.screenshot({ path: path.join(outputFolder(), 'resumed.png') });
    assert.deepEqual(tab.errors, []);
  });
});
