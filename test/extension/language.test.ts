import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import ts from 'typescript';
import { packageRoot } from '../../lib/environment';
import { stateLabels } from '../../lib/figures/wire/progress';
import { kernelReady, outputFolder, runCell, useLab } from './lab';
import { notebook, ourNotebook, trainingCell } from './notebook';

const sources = path.join(packageRoot, 'extension', 'src');
const files = [
  ...readdirSync(sources).map((name) => path.join(sources, name)),
  path.join(packageRoot, 'lib', 'figures', 'wire', 'progress.ts'),
];

/** What the extension says, as translators would find it: the texts that `t` and `tn` are given, all forms of each. */
function texts(): string[][] {
  const found: string[][] = Object.values(stateLabels).map((label) => [label]);
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ['t', 'tn'].includes(node.expression.getText())) {
      const forms = node.arguments.slice(0, node.expression.getText() === 't' ? 1 : 2);
      if (forms.every(ts.isStringLiteralLike)) found.push(forms.map(({ text }) => text));
    }
    node.forEachChild(visit);
  };
  for (const file of files) {
    visit(ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, true));
  }
  return found;
}

/** A language that is English in brackets: what lacks them was not translated. */
const inBrackets = Object.fromEntries(texts().map((forms) => [forms[0]!, forms.map((form) => `⟦${form}⟧`)]));
const about = { domain: 'credence_lab', language: 'eo', plural_forms: 'nplurals=2; plural=(n != 1);' };
const language = { locale: 'eo', translations: { credence_lab: { '': about, ...inBrackets } } };

/** What is data and not language: figures of the kernel, names of files, numbers, signs. */
const data = [
  '.credence-plot',
  '.credence-figureTitle',
  '.credence-metric',
  '.credence-message',
  '.credence-share',
  '.credence-icon',
  '.credence-format',
  '.credence-listedName',
  '.credence-where',
  '.credence-deviceName',
].join(', ');

/** Texts in the parts of the page that are not in the language; a duration ('3.1 s') is in all of them. */
const untranslated = (page: Page, parts: string): Promise<string[]> =>
  page.evaluate<string[]>(`(() => {
    const found = [];
    for (const part of document.querySelectorAll(${JSON.stringify(parts)})) {
      for (const node of part.querySelectorAll('*')) {
        if (node.closest(${JSON.stringify(data)})) continue;
        const own = [...node.childNodes].filter((child) => child.nodeType === 3).map((child) => child.textContent);
        const told = ['aria-label', 'title', 'aria-valuetext', 'placeholder'].map((name) => node.getAttribute(name));
        found.push(...own, ...told);
      }
    }
    return found.filter((text) => text?.trim() && !text.includes('⟦') && !/^[0-9.]+( (h|min|s)( [0-9]+ (min|s))?)?$/.test(text));
  })()`);

describe('the extension in another language', function () {
  this.timeout(180_000);
  const lab = useLab({
    files: { 'training.ipynb': ourNotebook(trainingCell(1)), 'plain.ipynb': notebook([{ source: '1' }]) },
    language,
  });

  it('says all that it says in it, with the plural of numbers', async () => {
    const { page, errors } = await lab().open('training.ipynb');
    await kernelReady(page);
    await runCell(page, 0);
    await page.locator('.credence-plot:has(.main-svg)').nth(1).waitFor();
    await page.locator('.credence-state', { hasText: '⟦Running⟧' }).waitFor();
    await page.evaluate(`window.jupyterapp.commands.execute('credence:show-runs')`);
    await page.locator('.credence-listed').first().waitFor();
    await page.locator('.credence-facts', { hasText: 'steps/s' }).waitFor();
    assert.deepEqual(await untranslated(page, '.credence-view, .credence-panel'), []);
    const facts = (await page.locator('.credence-facts').first().textContent()) ?? '';
    assert.match(facts, /⟦step \d+ \/ 1000000⟧ · .*⟦1 worker⟧ · ⟦4 weight samples⟧$/);
    await page.screenshot({ path: path.join(outputFolder(), 'language.png') });
    await page.evaluate(`window.jupyterapp.commands.execute('credence:stop-run')`);
    await page.locator('.credence-state', { hasText: '⟦Stopped⟧' }).waitFor();
    assert.deepEqual(errors, []);
    await page.close();
  });

  it('also where there is nothing to show, and in the commands', async () => {
    const { page, errors } = await lab().open('plain.ipynb');
    await kernelReady(page);
    await page.evaluate(`window.jupyterapp.commands.execute('credence:show-runs')`);
    await page.getByText('⟦The kernel of this notebook is Python 3').waitFor();
    assert.deepEqual(await untranslated(page, '.credence-panel'), []);
    const labels = await page.evaluate<string[]>(`(() => {
      const { commands } = window.jupyterapp;
      return commands.listCommands().filter((id) => id.startsWith('credence:')).map((id) => commands.label(id));
    })()`);
    assert.ok(labels.length >= 8);
    for (const label of labels) assert.match(label, /^⟦.*⟧$/);
    assert.deepEqual(errors, []);
    await page.close();
  });
});
