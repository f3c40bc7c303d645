import assert from 'node:assert/strict';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { kernelReady, type LabPage, outputFolder, runCell, setTheme, useLab } from '../extension/lab';
import { ourNotebook } from '../extension/notebook';

/** A run that would take minutes: it is there to be watched and stopped. */
const training = `
import { adam, data, fit, layers, likelihoods, sequential, vi } from 'credence';
const wave = data.wave({ points: 100, noise: 0.1, seed: 1 });
const model = sequential([
  layers.dense({ units: 32, activation: 'gelu' }),
  layers.dense({ units: 1 }),
]);
const run = fit(model, wave.train, {
  method: vi({ samples: 4, klWeight: 0.05 }),
  likelihood: likelihoods.gaussian(),
  optimizer: adam(1e-2),
  epochs: 1_000_000,
  batchSize: 100,
  devices: 2,
});
run`;

const awaiting = `const posterior = await run.done;
console.log(run.state, run.step > 0 && run.step < run.plan.steps, posterior.predict([[0.5]]).mean.shape.join());`;

describe('a training run in JupyterLab', function () {
  this.timeout(180_000);
  const lab = useLab({ files: { 'training.ipynb': ourNotebook(training.trim(), awaiting) } });
  let tab: LabPage;
  let page: Page;

  before(async () => {
    tab = await lab().open('training.ipynb');
    page = tab.page;
    page.setDefaultTimeout(60_000); // kernel and compiler may have to share the processors with others
    await kernelReady(page);
  });

  const shot = (name: string): Promise<Buffer> =>
    page.screenshot({ path: path.join(outputFolder(), `${name}.png`) });
  const plots = () => page.locator('.credence-plot:has(.main-svg)');
  const progress = async (): Promise<number> =>
    Number(await page.locator('.credence-progress').getAttribute('aria-valuenow'));

  it('shows loss and uncertainty while it trains', async () => {
    await runCell(page, 0);
    await plots().nth(1).waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: /stop/i }).waitFor();
    assert.equal(await page.locator('.jp-OutputArea-child').count(), 1);
  });

  it('redraws in place', async () => {
    await page.evaluate(`document.querySelectorAll('.credence-plot').forEach((div) => (div.marked = true))`);
    const before = await progress();
    await page.waitForFunction(
      `Number(document.querySelector('.credence-progress').getAttribute('aria-valuenow')) !== ${before}`,
    );
    const kept = await page.evaluate(
      `[...document.querySelectorAll('.credence-plot')].every((div) => div.marked && div.isConnected)`,
    );
    assert.equal(kept, true);
    assert.ok((await progress()) >= 0);
    await shot('live-light');
  });

  it('follows the dark theme', async () => {
    await setTheme(page, 'JupyterLab Dark');
    await page.waitForTimeout(500);
    await shot('live-dark');
    await setTheme(page, 'JupyterLab Light');
  });

  it('stops by its button and keeps the weights', async () => {
    await page.getByRole('button', { name: /stop/i }).click();
    await page.getByRole('button', { name: /stop/i }).waitFor({ state: 'hidden' });
    await runCell(page, 1);
    await page.getByText('stopped true 1,1').waitFor();
    await shot('live-stopped');
    assert.deepEqual(tab.errors, []);
  });
});
