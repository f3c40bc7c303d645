import assert from 'node:assert/strict';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { viewBundle } from '../../lib/figures/bundle';
import { MIME_TYPE, type Figure, type View } from '../../lib/figures/wire/messages';
import { allFigures, progress } from '../figures/examples';
import { kernelReady, outputFolder, runCell, setTheme, useLab } from './lab';
import { notebook } from './notebook';

const figures = allFigures();
const done = { ...progress, state: 'done' as const };
const run = (of: readonly Figure[]) => ({
  version: 1 as const,
  kind: 'run' as const,
  progress,
  figures: [...of],
});
const shown = (of: readonly Figure[]): View => ({ version: 1, kind: 'figure', figures: [...of] });

/** Every text that a payload can carry into the page, as an attack. */
const evil =
  `<img src=x onerror="window.hacked=1"><a href="javascript:window.hacked=1">click</a><b>bold</b>` +
  `</script><script>window.hacked=1</script><svg onload="window.hacked=1"></svg>` +
  `<iframe srcdoc="<script>parent.hacked=1</script>"></iframe>`;
/** A picture that is none of ours, as anybody can put it into a notebook. */
const evilPicture = `<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200" onload="window.hacked=1"><script>window.hacked=1</script><a href="javascript:window.hacked=1"><text y="50">x</text></a></svg>`;
const evilView: View = {
  version: 1,
  kind: 'run',
  progress: { ...progress, state: 'done', id: evil, message: evil, metrics: { [evil]: 1 } },
  figures: [
    {
      title: evil,
      description: evil,
      data: [
        { type: 'scatter', mode: 'markers', x: [evil, 'b'], y: [1, 2], name: evil, hovertext: [evil, evil] },
        { type: 'bar', x: [evil, 'b'], y: [1, 2], name: `2 ${evil}`, hovertemplate: evil },
      ],
      layout: {
        xaxis: { title: { text: evil } },
        yaxis: { title: { text: evil }, tickvals: [1], ticktext: [evil] },
        annotations: [{ text: evil, x: 0, y: 1, xref: 'x', yref: 'y', showarrow: false }],
      },
    },
  ],
};

/** Cells for the Python kernel: the first shows a run, the second redraws it in place, as fast as it can. */
const redraw = `
import json, os, time
from IPython.display import display
mime = "${MIME_TYPE}"
def view(step):
    v = json.load(open("view.json"))
    v["progress"]["step"] = step
    return {mime: v, "text/plain": "a run"}
handle = display(view(0), raw=True, display_id=True)`;
const redrawMore = `
for step in range(1, 61):
    handle.update(view(step), raw=True)`;

const files = {
  'plain.ipynb': notebook([{ source: '1 + 1' }]),
  'views.ipynb': notebook([
    { source: 'run', outputs: [viewBundle({ ...run(figures.slice(0, 3)), progress: done })] },
    { source: 'images', outputs: [viewBundle(shown(figures.slice(3, 5)))] },
    { source: 'scaling and a series', outputs: [viewBundle(shown(figures.slice(5, 7)))] },
    { source: 'the others', outputs: [viewBundle(shown(figures.slice(7)))] },
  ]),
  'bad.ipynb': notebook([
    { source: 'evil', outputs: [viewBundle(evilView)] },
    {
      source: 'from the future',
      outputs: [{ ...viewBundle(shown(figures.slice(5, 6))), [MIME_TYPE]: { version: 2, secret: evil } }],
    },
    {
      source: 'a picture with a script',
      outputs: [{ [MIME_TYPE]: { version: 3 }, 'image/svg+xml': evilPicture, 'text/plain': evil }],
    },
    { source: 'broken', outputs: [{ [MIME_TYPE]: { version: 1, kind: 'figure', figures: [evil] } }] },
  ]),
  'live.ipynb': notebook([{ source: redraw }, { source: redrawMore }]),
  'view.json': JSON.stringify(run(figures.slice(0, 2))),
  'saved.credence.json': JSON.stringify(run(figures.slice(1, 3))),
};

const plots = (page: Page): Locator => page.locator('.credence-plot:has(.main-svg)');

/** Waits until that many figures are drawn. */
const drawn = (page: Page, count: number): Promise<void> =>
  plots(page)
    .nth(count - 1)
    .waitFor();

/** Makes the page so high that the whole notebook shows. */
const showAll = (page: Page): Promise<void> => page.setViewportSize({ width: 1300, height: 6000 });

describe('views in JupyterLab', function () {
  this.timeout(120_000);
  const lab = useLab({ files });

  it('load little before the first figure, and Plotly with it', async () => {
    const plain = await lab().open('plain.ipynb');
    await kernelReady(plain.page);
    const idle = [...plain.loaded.values()].reduce((sum, size) => sum + size, 0);
    const loader = [...plain.loaded].find(([name]) => name.startsWith('remoteEntry'))?.[1] ?? 0;
    // the loader is the builder's: it finds what JupyterLab shares
    assert.ok(loader > 0 && idle - loader < 10_000, `${idle - loader} bytes besides the loader`);
    assert.ok(idle < 24_000, `${idle} bytes up front: ${[...plain.loaded.keys()].join(', ')}`);
    await plain.page.close();
    const views = await lab().open('views.ipynb');
    await drawn(views.page, 1);
    const sizes = [...views.loaded.values()].sort((a, b) => b - a);
    assert.ok(sizes[0]! > 1_000_000);
    const withoutPlotly = sizes.slice(1).reduce((sum, size) => sum + size, 0);
    assert.ok(withoutPlotly < 75_000, `${withoutPlotly} bytes before Plotly`);
    await views.page.close();
  });

  it('are drawn in place of their fallbacks, and say what they show', async () => {
    const { page, errors } = await lab().open('views.ipynb');
    await showAll(page);
    await drawn(page, figures.length);
    assert.deepEqual(errors, []);
    assert.equal(await page.locator('.jp-RenderedSVG').count(), 0);
    const captions = await page.locator('.credence-figure figcaption').allTextContents();
    assert.deepEqual(
      captions,
      figures.map(({ title }) => title),
    );
    for (const { description } of figures) {
      assert.ok((await page.getByRole('group', { name: description, exact: true }).count()) > 0, description);
    }
    await page.close();
  });

  it('tell the state of a run', async () => {
    const { page } = await lab().open('saved.credence.json');
    const header = page.getByRole('region', { name: 'Training run' });
    await header.waitFor();
    assert.equal(await header.getByRole('status').textContent(), 'Running');
    const bar = header.getByRole('progressbar', { name: 'Training steps' });
    assert.equal(await bar.getAttribute('aria-valuenow'), '412');
    assert.equal(await bar.getAttribute('aria-valuemax'), '960');
    assert.match((await bar.getAttribute('aria-valuetext')) ?? '', /9\.8 s left/);
    assert.match((await header.textContent()) ?? '', /43 %.*55\.7 steps\/s.*2 workers.*loss0\.7312/);
    await page.close();
  });

  it('follow the theme, there and back', async () => {
    const { page } = await lab().open('views.ipynb');
    await showAll(page);
    await drawn(page, 7);
    const color = (): Promise<string> =>
      page.evaluate<string>(`getComputedStyle(document.querySelector('.credence-plot .xtick text')).fill`);
    const light = await color();
    await page.screenshot({ path: path.join(outputFolder(), 'views-light.png') });
    await setTheme(page, 'JupyterLab Dark');
    await page.waitForFunction(
      `getComputedStyle(document.querySelector('.credence-plot .xtick text')).fill !== '${light}'`,
    );
    assert.match(await color(), /^rgb\(255, 255, 255\)/);
    await drawn(page, 7);
    await page.screenshot({ path: path.join(outputFolder(), 'views-dark.png') });
    await setTheme(page, 'JupyterLab Light');
    await page.waitForFunction(
      `getComputedStyle(document.querySelector('.credence-plot .xtick text')).fill === '${light}'`,
    );
    await page.close();
  });

  it('fit the width they have', async () => {
    const { page } = await lab().open('views.ipynb');
    await drawn(page, 2);
    const box = async (index: number) => (await page.locator('.credence-figure').nth(index).boundingBox())!;
    assert.equal((await box(0)).y, (await box(1)).y, 'two side by side');
    await page.setViewportSize({ width: 640, height: 1000 });
    await page.waitForFunction(`(() => {
      const view = document.querySelector('.credence-view');
      const svg = view.querySelector('.main-svg');
      return svg.clientWidth <= view.clientWidth && view.scrollWidth <= view.clientWidth;
    })()`);
    assert.ok((await box(1)).y > (await box(0)).y, 'one below the other');
    await page.close();
  });

  it('show markup in a payload as text and run none of it', async () => {
    const { page, errors } = await lab().open('bad.ipynb');
    await showAll(page);
    await drawn(page, 1);
    await page.locator('.credence-plot').first().hover();
    await page.locator('.credence-plot .legendtoggle').first().click();
    await page.getByRole('button', { name: 'Legend' }).first().click();
    await page.waitForTimeout(300);
    const found = await page.evaluate(`(() => {
      const views = [...document.querySelectorAll('.credence-view')];
      const inside = (selector) => views.flatMap((view) => [...view.querySelectorAll(selector)]).length;
      return {
        hacked: window.hacked ?? 0,
        links: inside('a'),
        bold: inside('b'),
        images: inside('img:not([alt="The picture saved with the view"])'),
        scripts: inside('script, iframe, object, embed'),
      };
    })()`);
    assert.deepEqual(found, { hacked: 0, links: 0, bold: 0, images: 0, scripts: 0 });
    assert.equal(await page.locator('.credence-figureTitle').first().textContent(), evil);
    assert.ok((await page.locator('.credence-message').first().textContent())?.includes(evil));
    assert.ok((await page.locator('.credence-plot .xtitle').first().textContent())?.includes('<a href='));
    assert.deepEqual(errors, []);
    await page.close();
  });

  it('say why one cannot be read, and show the picture that came with it', async () => {
    const { page } = await lab().open('bad.ipynb');
    await showAll(page);
    const [future, broken] = [
      page.locator('.credence-unreadable').nth(0),
      page.locator('.credence-unreadable').nth(2),
    ];
    await broken.waitFor();
    assert.match(
      (await future.getByRole('alert').textContent()) ?? '',
      /has version 2, this extension reads version 1: install matching versions/,
    );
    await future.getByRole('img', { name: 'The picture saved with the view' }).waitFor();
    await page.waitForFunction(`document.querySelector('.credence-unreadable img').naturalWidth > 100`);
    assert.match((await broken.getByRole('alert').textContent()) ?? '', /cannot be shown: figures\.0/);
    await page.close();
  });

  it('are redrawn in place, and keep the zoom', async () => {
    const { page, errors } = await lab().open('live.ipynb');
    await kernelReady(page);
    await runCell(page, 0);
    await drawn(page, 2);
    await page.evaluate(
      `document.querySelectorAll('.credence-plot').forEach((plot) => (plot.marked = true))`,
    );
    const drag = (await page.locator('.credence-plot .nsewdrag').nth(1).boundingBox())!;
    await page.mouse.move(drag.x + drag.width * 0.3, drag.y + drag.height * 0.3);
    await page.mouse.down();
    await page.mouse.move(drag.x + drag.width * 0.6, drag.y + drag.height * 0.7, { steps: 4 });
    await page.mouse.up();
    const range = (): Promise<unknown> =>
      page.evaluate(`[...document.querySelectorAll('.credence-plot')][1].layout.xaxis.range`);
    await page.waitForFunction(
      `[...document.querySelectorAll('.credence-plot')][1].layout.xaxis.range?.[0] > -3.5`,
    );
    const zoomed = await range();
    await runCell(page, 1);
    await page.locator('.credence-facts', { hasText: 'step 60 / 960' }).waitFor();
    const state = await page.evaluate(
      `[...document.querySelectorAll('.credence-plot')].map((plot) => [plot.marked, plot.querySelectorAll('.svg-container').length])`,
    );
    assert.deepEqual(state, [
      [true, 1],
      [true, 1],
    ]);
    assert.deepEqual(await range(), zoomed);
    assert.equal(await page.locator('.credence-view').count(), 1);
    assert.deepEqual(errors, []);
    await page.close();
  });

  it('free what they drew', async () => {
    const { page } = await lab().open('views.ipynb');
    await showAll(page);
    await drawn(page, 7);
    await page.evaluate(`window.kept = [...document.querySelectorAll('.credence-plot')]`);
    await page.evaluate(`window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')`);
    await page.waitForFunction(
      `window.kept.every((plot) => plot._fullLayout === undefined && !plot.isConnected)`,
    );
    await page.close();
  });

  it('open from files', async () => {
    const { page, errors } = await lab().open('saved.credence.json');
    await drawn(page, 2);
    assert.equal(await page.getByRole('region', { name: 'Training run' }).count(), 1);
    assert.equal(await page.getByRole('button', { name: /run$/ }).count(), 0, 'no kernel, no buttons');
    assert.deepEqual(errors, []);
    await page.screenshot({ path: path.join(outputFolder(), 'view-file.png') });
    await page.close();
  });
});
