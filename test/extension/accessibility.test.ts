import assert from 'node:assert/strict';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { adam, data, fit, layers, likelihoods, sequential } from '../../lib';
import { viewBundle } from '../../lib/figures/bundle';
import type { Figure, View } from '../../lib/figures/wire/messages';
import { allFigures, progress } from '../figures/examples';
import { kernelReady, outputFolder, setTheme, useLab } from './lab';
import { notebook } from './notebook';

/** The script of axe-core (`npm pack axe-core`), if it is to judge, too: its licence keeps it from being a dependency. */
const { AXE_CORE } = process.env;

const [detail, ...others] = allFigures().slice(0, 3) as [Figure, Figure, Figure];
const view: View = { version: 1, kind: 'run', progress, figures: [...others, { ...detail, detail: true }] };
const kernel = { name: 'credence', display_name: 'TypeScript (Credence)', language: 'typescript' };
const files = { 'saved.ipynb': notebook([{ source: 'a run', outputs: [viewBundle(view)] }], kernel) };

/** What is ours in the page. */
const OURS = ['.credence-view', '.credence-sidebar', '.credence-tab'];

/** Runs in the page: what has no name, what cannot be reached by keyboard, and text that is hard to read. */
const judge = `(() => {
  const problems = [];
  const parse = (color) => (color.match(/[\\d.]+/g) ?? []).map(Number);
  const over = ([r, g, b, a = 1], below) => [r, g, b].map((value, i) => a * value + (1 - a) * below[i]);
  const groundOf = (node) => {
    if (!node) return [255, 255, 255];
    const color = parse(getComputedStyle(node).backgroundColor);
    return color[3] === undefined && color.length === 3 ? color : over(color, groundOf(node.parentElement));
  };
  const luminance = (color) => {
    const [r, g, b] = color.map((value) => value / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [x, y] = [luminance(a), luminance(b)];
    return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
  };
  const nameOf = (node) =>
    node.getAttribute('aria-label') ?? (node.labels?.[0] ?? node).textContent.trim();
  const visible = (node) => node.checkVisibility({ visibilityProperty: true }) && node.getClientRects().length > 0;
  for (const root of document.querySelectorAll('${OURS.join()}')) {
    for (const node of root.querySelectorAll('button, input, select, summary, a, [role], [tabindex="0"]')) {
      if (!visible(node) || ['status', 'alert', 'presentation', 'toolbar'].includes(node.getAttribute('role'))) continue;
      if (!nameOf(node)) problems.push('no name: ' + node.outerHTML.slice(0, 120));
      if (node.matches('button, input, select, summary') && node.tabIndex < 0) problems.push('not reachable: ' + nameOf(node));
    }
    for (const node of root.querySelectorAll('*')) {
      const ownText = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim() !== '');
      if (!ownText || !visible(node) || node.closest('[aria-disabled=true], :disabled, [aria-hidden=true]')) continue;
      const style = getComputedStyle(node);
      const ground = groundOf(node);
      const color = over(parse(node instanceof SVGElement ? style.fill : style.color), ground);
      const ratio = contrast(color, ground);
      if (ratio < 4.5) problems.push('contrast ' + ratio.toFixed(2) + ': ' + node.textContent.trim().slice(0, 60));
    }
  }
  return [...new Set(problems)];
})()`;

async function seriousViolations(page: Page): Promise<string[]> {
  if (AXE_CORE === undefined) return [];
  await page.addScriptTag({ path: AXE_CORE });
  return page.evaluate(`axe.run(${JSON.stringify(OURS)}).then(({ violations }) => violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => id + ': ' + nodes.map(({ html, failureSummary }) => html.slice(0, 200) + ' ' + failureSummary).join(' | ')))`);
}

describe('what the extension shows, for everyone', function () {
  this.timeout(240_000);
  const lab = useLab({ files });

  before(async () => {
    const wave = data.wave({ points: 40, noise: 0.1, seed: 1 });
    const model = sequential([layers.dense({ units: 1 })]);
    for (const rate of [1e-2, 1e-3]) {
      const optimizer = adam(rate);
      await fit(model, wave.train, { likelihood: likelihoods.gaussian(), optimizer, epochs: 20, devices: 1 })
        .done;
    }
  });

  it('has names, is reached by keyboard, and can be read, in light and dark', async () => {
    const { page } = await lab().open('saved.ipynb');
    await kernelReady(page);
    await page.evaluate(`window.jupyterapp.commands.execute('credence:show-runs')`);
    const entries = page.locator('.credence-listed');
    await entries.nth(1).waitFor();
    await page.getByText('Training details').press('Enter');
    await page.locator('.credence-plot:has(.main-svg)').nth(2).waitFor();
    const judgeBoth = async (what: string): Promise<void> => {
      for (const theme of ['JupyterLab Light', 'JupyterLab Dark'] as const) {
        await setTheme(page, theme);
        await page.waitForTimeout(800); // figures are drawn anew
        await page.screenshot({
          path: path.join(outputFolder(), `accessible-${what}-${theme.slice(11)}.png`),
        });
        assert.deepEqual(await page.evaluate(judge), [], `${what}, ${theme}`);
        assert.deepEqual(await seriousViolations(page), [], `${what}, ${theme}, axe`);
      }
    };
    await judgeBoth('view and list');
    for (const i of [0, 1]) await entries.nth(i).getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Compare 2' }).click();
    await page.locator('.credence-tab:visible .credence-plot:has(.main-svg)').nth(1).waitFor();
    await judgeBoth('comparison');
    await page.close();
  });

  it('is gone through with Tab in the order in which it is read', async () => {
    const { page } = await lab().open('saved.ipynb');
    await kernelReady(page);
    await page.evaluate(`window.jupyterapp.commands.execute('credence:show-runs')`);
    const first = page.locator('.credence-listed').first();
    await first.waitFor();
    await first.getByRole('checkbox').focus();
    const names: (string | null)[] = [];
    for (let i = 0; i < 4; i++) {
      names.push(await page.evaluate(`document.activeElement.getAttribute('aria-label')`));
      await page.keyboard.press('Tab');
    }
    assert.deepEqual(
      names.map((name) => name?.split(' ')[0]),
      ['Compare', 'Open', 'Open', 'Delete'],
    );
    await page.close();
  });
});
