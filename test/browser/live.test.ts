import assert from 'node:assert/strict';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { kernelReady, type LabPage, outputFolder, runCell, setTheme, useLab } from '../extension/lab';
import { ourNotebook, trainingCell } from '../extension/notebook';

/** A run that would take minutes: it is there to be watched and stopped. */
const awaiting = `const posterior = await run.done;
console.log(run.state, run.step > 0 && run.step < run.plan.steps, posterior.predict([[0.5]]).mean.shape.join());`;

describe('a training run in JupyterLab', () => {
  const lab = useLab({ files: { 'training.ipynb': ourNotebook(trainingCell(), awaiting) } });
  let tab: LabPage;
  let page: Page;

  before(async () => {
    tab = await lab().open('training.ipynb');
    page = tab.page;
    page.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => {
        const text = payload.toString();
        const type =
          /"type": ?"(change|snapshot|reply)"/.exec(text)?.[1] ?? /update_display_data/.exec(text)?.[0];
        if (type !== undefined) received.push({ type, bytes: payload.length });
      }),
    );
    await page.reload(); // the sockets before were not listened to
    await page.waitForFunction('window.jupyterapp?.shell?.currentWidget?.isVisible');
    await kernelReady(page);
  });

  const shot = (name: string): Promise<Buffer> =>
    page.screenshot({ path: path.join(outputFolder(), `${name}.png`) });
  const plots = () => page.locator('.credence-plot:has(.main-svg)');
  const progress = async (): Promise<number> =>
    Number(await page.locator('.credence-progress').getAttribute('aria-valuenow'));
  /** Waits until the view in a page tells of a later step. */
  const goesOn = (where: Page, than: number): Promise<unknown> =>
    where.waitForFunction(
      `Number(document.querySelector('.credence-progress')?.getAttribute('aria-valuenow')) > ${than}`,
    );
  /** What the kernel has sent: messages of the comm by their own type, others by the protocol's. */
  const received: { type: string; bytes: number }[] = [];

  it('shows loss and uncertainty while it trains', async () => {
    await runCell(page, 0);
    await page.waitForFunction(
      `Number(document.querySelector('.credence-progress')?.getAttribute('aria-valuenow')) > 0`,
    );
    const start = performance.now();
    await plots().first().waitFor();
    const seconds = (performance.now() - start) / 1000;
    process.stdout.write(
      `      the first picture is drawn ${seconds.toFixed(2)} s after the first step is shown\n`,
    );
    await plots().nth(1).waitFor();
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

  it('is paused and goes on', async () => {
    await page.getByRole('button', { name: 'Pause run' }).click();
    await page.locator('.credence-state', { hasText: /^Paused$/ }).waitFor();
    await page.waitForTimeout(500);
    await shot('live-paused');
    const paused = await progress();
    await page.getByRole('button', { name: 'Resume run' }).click();
    await goesOn(page, paused);
  });

  it('sends changes only, a fraction of the view', async () => {
    const bytes = received.splice(0, received.length).slice(-40);
    const start = performance.now();
    let changes: typeof received;
    do {
      await page.waitForTimeout(100);
      changes = received.filter(({ type }) => type === 'change');
    } while (changes.length < 10);
    const seconds = (performance.now() - start) / 1000;
    const mean = changes.reduce((sum, each) => sum + each.bytes, 0) / changes.length;
    const whole = bytes.concat(received).filter(({ type }) => type === 'update_display_data');
    process.stdout.write(
      `      ${changes.length} changes in ${seconds.toFixed(1)} s of ${Math.round(mean)} bytes on average, ${whole.length} whole views\n`,
    );
    assert.ok(changes.length <= 2 + 5 * seconds, `${changes.length} changes in ${seconds} s`);
    assert.ok(received.filter(({ type }) => type === 'update_display_data').length <= 1);
  });

  it('goes on live in a second client, after a reload, and in a notebook that was closed', async () => {
    await page.evaluate(`window.jupyterapp.commands.execute('docmanager:save')`);
    const second = await lab().open('training.ipynb');
    await goesOn(second.page, await progress());
    await goesOn(page, await progress());
    await second.page.close();
    await page.reload();
    await page.waitForFunction('window.jupyterapp?.shell?.currentWidget?.isVisible');
    await goesOn(page, await progress());
    await page.evaluate(`window.jupyterapp.shell.currentWidget.close()`);
    await page.locator('.credence-view').waitFor({ state: 'detached' });
    await page.evaluate(`window.jupyterapp.commands.execute('docmanager:open', { path: 'training.ipynb' })`);
    await goesOn(page, await progress());
    await page.getByRole('button', { name: 'Stop run' }).waitFor();
  });

  it('follows the dark theme', async () => {
    await setTheme(page, 'JupyterLab Dark');
    await page.waitForTimeout(500);
    await shot('live-dark');
    await setTheme(page, 'JupyterLab Light');
  });

  it('finishes by its button and keeps the weights', async () => {
    await page.getByRole('button', { name: 'Finish run' }).click();
    await page.locator('.credence-controls').waitFor({ state: 'hidden' });
    assert.equal(await page.locator('.credence-state').textContent(), 'Stopped');
    await runCell(page, 1);
    await page.getByText('stopped true 1,1').waitFor();
    await shot('live-stopped');
    assert.deepEqual(tab.errors, []);
  });
});
