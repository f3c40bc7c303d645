import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { data, fit, layers, likelihoods, sequential } from '../../lib';
import { runsRoot } from '../../lib/runs/runFolder';
import { kernelReady, type LabPage, outputFolder, runCell, setTheme, useLab } from './lab';
import { notebook, ourNotebook } from './notebook';

/** A short run and one that would take minutes; the runs are in the folder that this process has, too. */
const cells = [
  `import { adam, data, fit, layers, likelihoods, sequential, vi } from 'credence';
const wave = data.wave({ points: 100, noise: 0.1, seed: 1 });
const model = sequential([layers.dense({ units: 32, activation: 'gelu' }), layers.dense({ units: 1 })]);
const start = (epochs: number, rate: number) => fit(model, wave.train, {
  method: vi({ samples: 4, klWeight: 0.05 }),
  likelihood: likelihoods.gaussian(),
  optimizer: adam(rate),
  epochs,
  batchSize: 100,
  devices: 2,
});
for (const rate of [1e-2, 1e-3]) await start(300, rate).done;`,
  `const run = start(1_000_000, 1e-2);
console.log(run.id);`,
];

const files = {
  'training.ipynb': ourNotebook(...cells),
  'python.ipynb': notebook([{ source: '1' }]),
  'empty.ipynb': ourNotebook('1'),
};

const panel = (page: Page): Locator => page.getByRole('region', { name: 'Credence runs' });
const entries = (page: Page): Locator => panel(page).locator('.credence-listed');
const showPanel = (page: Page): Promise<unknown> =>
  page.evaluate(`window.jupyterapp.commands.execute('credence:show-runs')`);
const shot = (page: Page, name: string): Promise<Buffer> =>
  page.screenshot({ path: path.join(outputFolder(), `${name}.png`) });

async function shots(page: Page, name: string): Promise<void> {
  await shot(page, `${name}-light`);
  await setTheme(page, 'JupyterLab Dark');
  await page.waitForTimeout(600);
  await shot(page, `${name}-dark`);
  await setTheme(page, 'JupyterLab Light');
}

describe('the list of runs in JupyterLab', function () {
  this.timeout(240_000);
  const lab = useLab({ files });

  it('says what to do where no kernel of ours runs', async () => {
    rmSync(runsRoot(), { recursive: true, force: true });
    const { page, errors } = await lab().open('python.ipynb');
    await kernelReady(page);
    await showPanel(page);
    await panel(page).getByText('The kernel of this notebook is Python 3').waitFor();
    await shots(page, 'panel-other-kernel');
    await page.evaluate(`window.jupyterapp.commands.execute('docmanager:open', { path: 'empty.ipynb' })`);
    await panel(page).getByText('No runs yet.').waitFor();
    await shot(page, 'panel-no-runs');
    await panel(page).getByRole('button', { name: 'Insert an example' }).click();
    await page.locator('.jp-CodeCell', { hasText: 'likelihoods.gaussian()' }).waitFor();
    assert.deepEqual(errors, []);
    await page.close();
  });

  it('starts the quickstart from the launcher', async () => {
    const { page, errors } = await lab().open('empty.ipynb');
    await page.evaluate(`window.jupyterapp.commands.execute('launcher:create')`);
    const card = page.locator('.jp-LauncherCard', { hasText: 'Credence quickstart' });
    await card.waitFor();
    await shot(page, 'launcher');
    await card.click();
    await page.waitForFunction(
      `window.jupyterapp.shell.currentWidget?.context?.path === 'credence-quickstart.ipynb'`,
    );
    await kernelReady(page);
    await page.evaluate(`window.jupyterapp.commands.execute('notebook:run-all-cells')`);
    await page.locator('.credence-plot:has(.main-svg)').nth(1).waitFor();
    await page.evaluate(`window.jupyterapp.commands.execute('credence:stop-run')`);
    await page.locator('.credence-figureTitle').nth(2).waitFor();
    await showPanel(page);
    await panel(page)
      .getByText(/Stopped|Done/) // a fast machine is done before it can be stopped
      .waitFor();
    await shot(page, 'quickstart-started');
    assert.deepEqual(errors, []);
    await page.close();
  });

  describe('of a kernel that trains', () => {
    let tab: LabPage;
    let page: Page;
    let id: string;

    before(async () => {
      tab = await lab().open('training.ipynb');
      page = tab.page;
      await kernelReady(page);
      await showPanel(page);
      await runCell(page, 0);
      await panel(page).getByText('Done').nth(1).waitFor();
      await runCell(page, 1);
      id = (
        (await page.locator('.jp-CodeCell').nth(1).locator('.jp-RenderedText').textContent()) ?? ''
      ).trim();
      await entries(page).first().locator(`[title="${id}"]`).waitFor(); // the list is told once a second
    });
    after(() => page.close());

    const live = (): Locator => entries(page).first();
    const state = (text: string): Promise<void> =>
      live()
        .locator('.credence-listedState', { hasText: new RegExp(`^${text}$`) })
        .waitFor();
    const step = async (): Promise<number> =>
      Number(await live().getByRole('progressbar').getAttribute('aria-valuenow'));

    it('shows what trains first, and what it does', async () => {
      await state('Running');
      assert.equal(await live().locator('.credence-listedName').getAttribute('title'), id);
      await live()
        .getByRole('img', { name: /^Worker 0: \d+ % compute/ })
        .waitFor();
      const before = await step();
      await page.waitForFunction(
        `Number(document.querySelector('.credence-listed [role=progressbar]').getAttribute('aria-valuenow')) > ${before}`,
      );
      assert.match(
        (await live().locator('.credence-listedFacts').textContent()) ?? '',
        /loss .*4 samples2 workers/,
      );
      assert.equal(await entries(page).count(), 4);
      await shots(page, 'panel');
    });

    it('is told at most once a second, and nothing while nobody looks', async () => {
      /** Lists that are told, until there are so many or so much time is over; and the milliseconds that passed. */
      const told = async (most: number, milliseconds: number): Promise<[number, number]> =>
        page.evaluate<[number, number]>(`(async () => {
          let lists = 0;
          const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
          const count = (_, { direction, msg }) => {
            if (direction === 'recv' && msg.header.msg_type === 'comm_msg' && msg.content.data.type === 'list') lists++;
          };
          kernel.anyMessage.connect(count);
          const from = performance.now();
          const passed = () => performance.now() - from;
          while (lists < ${most} && passed() < ${milliseconds}) await new Promise((resolve) => setTimeout(resolve, 20));
          kernel.anyMessage.disconnect(count);
          return [lists, passed()];
        })()`);
      const [lists, milliseconds] = await told(4, 60_000);
      assert.ok(lists === 4 && milliseconds > 2000, `${lists} lists in ${milliseconds} ms`);
      await page.evaluate(`window.jupyterapp.shell.collapseLeft()`);
      await page.waitForTimeout(300);
      assert.equal((await told(1, 2500))[0], 0);
      await showPanel(page);
      await state('Running');
    });

    it('pauses and resumes by keyboard, keeping the focus', async () => {
      await live()
        .getByRole('button', { name: /^Pause run/ })
        .focus();
      await page.keyboard.press('Enter');
      await state('Paused');
      await page.waitForFunction(
        `document.activeElement.getAttribute('aria-label').startsWith('Resume run')`,
      );
      await page.keyboard.press('Space');
      await state('Running');
    });

    it('obeys the commands of the palette', async () => {
      for (const [command, expected] of [
        ['pause', 'Paused'],
        ['resume', 'Running'],
      ]) {
        await page.evaluate(`window.jupyterapp.commands.execute('credence:${command}-run')`);
        await state(expected!);
      }
      const labels = await page.evaluate<string[]>(
        `window.jupyterapp.commands.listCommands().filter((id) => id.startsWith('credence:')).map((id) => window.jupyterapp.commands.label(id))`,
      );
      assert.deepEqual(labels.sort(), [
        'Compare the chosen runs',
        'Credence documentation',
        'Credence quickstart',
        'Insert an example',
        'Pause the current run',
        'Resume the current run',
        'Show the runs',
        'Stop the current run',
      ]);
    });

    it('opens the view of a run in a tab, whose controls work', async () => {
      await live()
        .getByRole('button', { name: /^Open run/ })
        .first()
        .click();
      const view = page.locator('.credence-tab');
      await view.locator('.credence-plot:has(.main-svg)').first().waitFor();
      await shots(page, 'panel-open');
      await view.getByRole('button', { name: 'Stop run' }).click();
      await state('Stopped');
      await entries(page)
        .nth(1)
        .getByRole('button', { name: /^Open run/ })
        .first()
        .click();
      await page.locator('.credence-tab:visible .credence-plot:has(.main-svg)').first().waitFor();
      await page.locator('.credence-tab:visible').getByText('Done').waitFor();
    });

    it('compares what is chosen', async () => {
      await page.evaluate(`window.jupyterapp.commands.execute('credence:compare-runs')`);
      await panel(page).getByRole('alert').filter({ hasText: 'Choose two or more' }).waitFor();
      for (const i of [0, 1, 2]) await entries(page).nth(i).getByRole('checkbox').check();
      await panel(page).getByRole('alert').waitFor({ state: 'hidden' });
      await panel(page).getByRole('button', { name: 'Compare 3' }).click();
      const table = page.getByRole('table', { name: 'Settings that differ, and results' });
      await table.waitFor();
      assert.equal(await table.getByRole('row').count(), 4);
      await table.getByRole('columnheader', { name: 'optimizer' }).waitFor();
      await table.getByRole('rowheader', { name: id }).waitFor();
      await page.locator('.credence-tab:visible .credence-plot:has(.main-svg)').nth(1).waitFor();
      await shots(page, 'panel-compare');
    });

    it('resumes a run at once where the kernel knows it, and by code where not', async () => {
      await entries(page)
        .first()
        .getByRole('button', { name: /^Resume run/ })
        .click();
      await state('Running');
      assert.equal(await live().locator('.credence-listedName').getAttribute('title'), id);
      await live()
        .getByRole('button', { name: /^Stop run/ })
        .click();
      await state('Stopped');
      await page.evaluate(
        `window.jupyterapp.commands.execute('docmanager:open', { path: 'training.ipynb' })`,
      );
      await page.evaluate(`window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()`);
      await kernelReady(page);
      await entries(page)
        .first()
        .getByRole('button', { name: /^Resume run/ })
        .click();
      await page.locator('.jp-CodeCell', { hasText: `resume('${id}', model, data, options)` }).waitFor();
    });

    it('deletes after asking', async () => {
      const count = await entries(page).count();
      const last = entries(page).last();
      await last.getByRole('button', { name: /^Delete run/ }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
      assert.equal(await entries(page).count(), count);
      await last.getByRole('button', { name: /^Delete run/ }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
      await page.waitForFunction(`document.querySelectorAll('.credence-listed').length === ${count - 1}`);
    });

    it('says why a run cannot be read', async () => {
      const damaged = path.join(runsRoot(), '2020-01-02-030405-abcd');
      mkdirSync(damaged, { recursive: true });
      writeFileSync(
        path.join(damaged, 'config.json'),
        '{"format":1,"id":"<img src=x onerror=window.hacked=1>"',
      );
      const entry = entries(page).filter({ hasText: 'Unreadable' });
      await entry.waitFor();
      assert.match(
        (await entry.locator('.credence-message').textContent()) ?? '',
        /config\.json cannot be used/,
      );
      assert.equal(await page.evaluate('window.hacked'), undefined);
      assert.deepEqual(tab.errors, []);
    });
  });

  // the last one: what a person has set stays, and the runs that it makes are listed
  describe('with settings', () => {
    it('follows the settings, and so do figures', async () => {
      const wave = data.wave({ points: 40, noise: 0.1, seed: 1 });
      const model = sequential([layers.dense({ units: 1 })]);
      const likelihood = likelihoods.gaussian();
      for (const seed of [1, 2])
        await fit(model, wave.train, { likelihood, epochs: 20, devices: 1, seed }).done;
      const { page } = await lab().open('empty.ipynb');
      const raw = JSON.stringify({ listed: 1, smoothing: 0.5, legend: false });
      const status = await page.evaluate(`fetch('/lab/api/settings/credence-lab:plugin', {
      method: 'PUT',
      headers: { 'X-XSRFToken': /_xsrf=([^;]*)/.exec(document.cookie)?.[1] ?? '' },
      body: JSON.stringify({ raw: ${JSON.stringify(raw)} }),
    }).then((answer) => answer.status)`);
      assert.equal(status, 204);
      await page.reload();
      await page.waitForFunction('window.jupyterapp?.shell?.currentWidget?.isVisible');
      await kernelReady(page);
      await showPanel(page);
      await panel(page).getByRole('button', { name: 'Show more' }).waitFor();
      assert.equal(await entries(page).count(), 1);
      await entries(page)
        .first()
        .getByRole('button', { name: /^Open run/ })
        .last()
        .click();
      const figure = page.locator('.credence-tab .credence-figure').first();
      await figure.locator('.main-svg').first().waitFor();
      assert.equal(await figure.getByRole('slider').inputValue(), '0.5');
      assert.equal(
        await figure.getByRole('button', { name: 'Legend' }).getAttribute('aria-pressed'),
        'false',
      );
      await panel(page).getByRole('button', { name: 'Show more' }).click();
      await entries(page).nth(1).waitFor();
      await page.close();
    });
  });
});
