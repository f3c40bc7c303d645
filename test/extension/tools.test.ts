import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { viewBundle } from '../../lib/figures/bundle';
import { figureCsv } from '../../lib/figures/csv';
import { lossFigure } from '../../lib/figures/loss';
import type { View } from '../../lib/figures/wire/messages';
import { bandExample, lossHistory, progress } from '../figures/examples';
import { outputFolder, setTheme, useLab } from './lab';
import { notebook } from './notebook';

const loss = lossFigure(lossHistory(300));
const rate = { ...loss, title: 'Learning rate', data: loss.data.slice(0, 1) };
const view: View = {
  version: 1,
  kind: 'run',
  progress: { ...progress, state: 'done' },
  figures: [loss, rate, bandExample()],
};
const files = { 'tools.ipynb': notebook([{ source: 'a run', outputs: [viewBundle(view)] }]) };

describe('tools of a figure in JupyterLab', function () {
  this.timeout(120_000);
  const lab = useLab({ files });

  const open = async (): Promise<Page> => {
    const { page } = await lab().open('tools.ipynb');
    await page.locator('.credence-plot:has(.main-svg)').nth(2).waitFor();
    return page;
  };
  const figure = (page: Page, index: number): Locator => page.locator('.credence-figure').nth(index);
  /** What Plotly has drawn, waited for. */
  const drawn = (page: Page, expression: string): Promise<unknown> =>
    page.waitForFunction(`(() => {
      const [loss, rate, band] = document.querySelectorAll('.credence-plot');
      return ${expression};
    })()`);

  it('smooth, change scales and hide the legend, by keyboard, and stay so in the other theme', async () => {
    const page = await open();
    const slider = figure(page, 0).getByRole('slider', { name: 'Smoothing' });
    for (let i = 0; i < 60; i++) await slider.press('ArrowRight');
    assert.equal(await slider.getAttribute('aria-valuetext'), '0.6');
    await drawn(page, 'loss.data.length === 7');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await drawn(page, `loss._fullLayout.xaxis.type === 'log'`);
    await page.keyboard.press('Tab');
    const logY = figure(page, 0).getByRole('button', { name: 'Logarithmic y axis' });
    const was = (await logY.getAttribute('aria-pressed')) === 'true';
    await page.keyboard.press('Enter');
    await drawn(page, `loss._fullLayout.yaxis.type === '${was ? 'linear' : 'log'}'`);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await drawn(page, `!loss.querySelector('.legend')`);
    await setTheme(page, 'JupyterLab Dark');
    await page.waitForTimeout(500);
    await page.screenshot({ path: path.join(outputFolder(), 'tools-dark.png') });
    await drawn(page, `loss.data.length === 7 && !loss.querySelector('.legend')`);
    await setTheme(page, 'JupyterLab Light');
    await page.close();
  });

  it('are there where they make sense only', async () => {
    const page = await open();
    const names = (index: number): Promise<string[]> =>
      page.evaluate(`[...document.querySelectorAll('.credence-tools')[${index}].querySelectorAll('.credence-tool, input')]
        .filter((each) => each.offsetWidth > 0)
        .map((each) => each.textContent)`);
    assert.deepEqual(await names(0), ['', 'log x', 'log y', 'Legend', 'Export']);
    assert.deepEqual(await names(1), ['', 'log x', 'log y', 'Export']);
    assert.deepEqual(await names(2), ['Legend', 'Export']);
    await page.close();
  });

  it('show the same step in all figures over steps', async () => {
    const page = await open();
    const box = (await figure(page, 0).locator('.nsewdrag').boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.move(box.x + box.width / 2 + 3, box.y + box.height / 2);
    await drawn(page, `loss.querySelector('.hoverlayer *') && rate.querySelector('.hoverlayer *')`);
    await page.screenshot({ path: path.join(outputFolder(), 'tools-light.png') });
    await page.mouse.move(5, 5);
    await drawn(page, `!loss.querySelector('.hoverlayer *') && !rate.querySelector('.hoverlayer *')`);
    await page.close();
  });

  it('save the figure in four formats', async () => {
    const page = await open();
    const saved = async (name: string): Promise<{ file: string; bytes: Buffer }> => {
      await figure(page, 0).locator('summary').focus();
      await page.keyboard.press('Enter');
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        figure(page, 0)
          .getByRole('button', { name: `Export as ${name}`, exact: true })
          .click(),
      ]);
      return { file: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
    };
    const png = await saved('PNG');
    assert.equal(png.file, 'Training-loss.png');
    assert.equal(png.bytes.subarray(1, 4).toString(), 'PNG');
    const svg = await saved('SVG');
    assert.match(svg.bytes.toString(), /^<svg[^>]*>/);
    assert.match(svg.bytes.toString(), /nats per datum/);
    const csv = await saved('CSV');
    assert.equal(csv.bytes.toString(), figureCsv(loss));
    const json = await saved('JSON');
    assert.equal(json.file, 'Training-loss.plotly.json');
    const { data } = JSON.parse(json.bytes.toString()) as { data: { y: unknown }[] };
    assert.deepEqual(data[0]?.y, loss.data[0]?.y);
    await page.close();
  });

  it('close their menu by Escape, and give the focus back', async () => {
    const page = await open();
    const summary = figure(page, 0).locator('summary');
    await summary.focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Escape');
    await figure(page, 0).locator('.credence-formats').waitFor({ state: 'hidden' });
    assert.equal(await page.evaluate('document.activeElement.tagName'), 'SUMMARY');
    await page.close();
  });
});
