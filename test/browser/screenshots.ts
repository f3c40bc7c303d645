/**
 * Takes the pictures of docs/images: the quickstart notebook, running in a real JupyterLab (`npm run screenshots`).
 */
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { packageRoot } from '../../lib/environment';
import { kernelReady, runCell, setTheme, startLab, whyNoBrowser } from '../extension/lab';

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
    await plots.nth(count - 1).waitFor({ timeout: 120_000 });
    const seconds = (performance.now() - start) / 1000;
    process.stdout.write(`figure ${count} is drawn ${seconds.toFixed(1)} s after the cell was run\n`);
  }
  await page.waitForFunction(
    `Number(document.querySelectorAll('.jp-CodeCell')[${cell}].querySelector('.credence-progress').getAttribute('aria-valuenow')) >= ${step}`,
    undefined,
    { timeout: 120_000 },
  );
  await page.locator('.jp-CodeCell').nth(cell).locator('.jp-InputArea').scrollIntoViewIfNeeded();
  await page.evaluate(
    `document.querySelectorAll('.jp-CodeCell')[${cell}].scrollIntoView({ block: 'start' })`,
  );
  await page.waitForTimeout(100);
}

async function take(): Promise<void> {
  const reason = whyNoBrowser();
  if (reason !== undefined) throw new Error(reason);
  mkdirSync(folder, { recursive: true });
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

void take();
