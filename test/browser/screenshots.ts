/**
 * Takes the pictures of docs/images in a real JupyterLab (`npm run screenshots`): the quickstart notebook as it runs, and every picture
 * that docs/views.md makes. `npm run screenshots -- views` takes the latter only.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { packageRoot } from '../../lib/environment';
import { kernelReady, runCell, setTheme, startLab, whyNoBrowser } from '../extension/lab';
import { notebook } from '../extension/notebook';
import { picturesOfPage } from './viewsPage';

const folder = path.join(packageRoot, 'docs', 'images');

interface Shot {
  name: string;
  /** Code cells, counted from 0: these are run, and the last is waited for as the picture needs it. */
  cells: readonly number[];
  /** Shown when so many steps are done. */
  step: number;
}

const shots: readonly Shot[] = [
  { name: 'quickstart', cells: [0, 1, 2], step: 250 },
  { name: 'calibration', cells: [4], step: 150 },
];

/** Waits until the run of a code cell has done so many steps and shows two figures. */
async function untilStep(page: Page, cell: number, step: number): Promise<void> {
  const plots = page.locator('.jp-CodeCell').nth(cell).locator('.credence-plot:has(.main-svg)');
  const start = performance.now();
  for (const count of [1, 2]) {
    await plots.nth(count - 1).waitFor();
    const seconds = (performance.now() - start) / 1000;
    process.stdout.write(`figure ${count} is drawn ${seconds.toFixed(1)} s after the cell was run\n`);
  }
  await page.waitForFunction(
    `Number(document.querySelectorAll('.jp-CodeCell')[${cell}].querySelector('.credence-progress').getAttribute('aria-valuenow')) >= ${step}`,
  );
  await page.locator('.jp-CodeCell').nth(cell).locator('.jp-InputArea').scrollIntoViewIfNeeded();
  await page.evaluate(
    `document.querySelectorAll('.jp-CodeCell')[${cell}].scrollIntoView({ block: 'start' })`,
  );
  await page.waitForTimeout(100);
}

const themes = { light: 'JupyterLab Light', dark: 'JupyterLab Dark' } as const;

/** As wide as a notebook beside the side panel. */
const VIEWS_SIZE = { width: 940, height: 1600 };

async function takeViews(): Promise<void> {
  const target = path.join(folder, 'views');
  mkdirSync(target, { recursive: true });
  const pictures = await picturesOfPage('docs/views.md');
  const cells = pictures.map(({ name, bundle }) => ({ source: name, outputs: [bundle] }));
  const lab = await startLab({ files: { 'views.ipynb': notebook(cells) } });
  try {
    const { page } = await lab.open('views.ipynb');
    await page.setViewportSize(VIEWS_SIZE);
    for (const [shade, theme] of Object.entries(themes)) {
      await setTheme(page, theme);
      for (const [i, { name }] of pictures.entries()) {
        await page.evaluate(`window.jupyterapp.shell.currentWidget.content.scrollToItem(${i}, 'start')`);
        const view = page.locator(`.jp-CodeCell[data-windowed-list-index="${i}"] .credence-view`);
        await view.locator('.main-svg').first().waitFor();
        await page.evaluate(
          `document.querySelectorAll('.credence-details').forEach((each) => (each.open = true))`,
        );
        await page.waitForTimeout(600);
        await view.screenshot({ path: path.join(target, `${name}-${shade}.png`) });
      }
      process.stdout.write(`${pictures.length} views: ${shade}\n`);
    }
  } finally {
    await lab.close();
  }
}

async function takeQuickstart(): Promise<void> {
  const source = path.join(packageRoot, 'notebooks', 'quickstart.ipynb');
  const lab = await startLab({ files: { 'quickstart.ipynb': readFileSync(source, 'utf8') } });
  try {
    const { page } = await lab.open('quickstart.ipynb');
    await kernelReady(page);
    for (const { name, cells, step } of shots) {
      for (const cell of cells) await runCell(page, cell);
      const shown = cells.at(-1)!;
      await untilStep(page, shown, step);
      await page.screenshot({ path: path.join(folder, `${name}-light.png`) });
      await setTheme(page, 'JupyterLab Dark');
      await page.waitForTimeout(800);
      await page.screenshot({ path: path.join(folder, `${name}-dark.png`) });
      await setTheme(page, 'JupyterLab Light');
      process.stdout.write(`${name}: light and dark\n`);
    }
  } finally {
    await lab.close();
  }
}

async function take(): Promise<void> {
  const reason = whyNoBrowser();
  if (reason !== undefined) throw new Error(reason);
  mkdirSync(folder, { recursive: true });
  if (process.argv[2] !== 'views') await takeQuickstart();
  await takeViews();
  // engines and workers of the page are still warm
  process.exit(0);
}

void take();
