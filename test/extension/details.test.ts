import assert from 'node:assert/strict';
import path from 'node:path';
import { gradientFigure, sigmaFigure } from '../../lib/figures/layerHistograms';
import { lossFigure } from '../../lib/figures/loss';
import { COMM_TARGET, type View } from '../../lib/figures/wire/messages';
import { lossHistory, progress } from '../figures/examples';
import { kernelReady, outputFolder, runCell, setTheme, useLab } from './lab';
import { notebook } from './notebook';

const sizes = [0.1, 0.2, 0.2, 0.4];
const view: View = {
  version: 1,
  kind: 'run',
  progress,
  figures: [
    lossFigure(lossHistory(50)),
    { ...sigmaFigure([{ name: '0.dense', std: sizes }]), detail: true },
    { ...gradientFigure([{ name: '0.dense', values: sizes }]), detail: true },
  ],
};

/** A kernel that stands in for ours: it sends states of a run whose figures change. */
const kernel = `
import json
from IPython.display import display
view = json.load(open("view.json"))
run, comms, state = view["progress"]["id"], [], {"sequence": 0}
def opened(comm, message):
    comms.append(comm)
    comm.on_msg(lambda message: comm.send({"type": "snapshot", "run": run, "sequence": state["sequence"], "view": view})
        if message["content"]["data"].get("have", 0) is None else None)
get_ipython().kernel.comm_manager.register_target("${COMM_TARGET}", opened)
def change(patch):
    state["sequence"] += 1
    comms[-1].send({"type": "change", "run": run, "sequence": state["sequence"], "patch": {"in": patch}})
def rename(title):
    change({"figures": {"keep": 3, "in": {"1": {"in": {"title": {"is": title}, "data": {"keep": 1, "in": {"0": {"in": {"name": {"is": title}}}}}}}}}})
display({"application/vnd.credence.v1+json": view, "text/plain": "a run"}, raw=True)`;

const files = {
  'details.ipynb': notebook([
    { source: kernel },
    { source: 'rename("while closed")' },
    { source: 'rename("while open")' },
    { source: 'change({"figures": {"keep": 1}})' },
  ]),
  'view.json': JSON.stringify(view),
};

describe('details of a run', function () {
  this.timeout(180_000);
  const lab = useLab({ files });

  it('open by keyboard, are drawn then, and stay open over updates and in the other theme', async () => {
    const { page, errors } = await lab().open('details.ipynb');
    await kernelReady(page);
    await runCell(page, 0);
    await page.locator('.credence-plot:has(.main-svg)').first().waitFor();
    const details = page.locator('.credence-details');
    const summary = details.getByText('Training details');
    const drawn = details.locator('.credence-plot:has(.main-svg)');
    const named = (title: string): Promise<unknown> =>
      page.waitForFunction(
        `document.querySelector('.credence-details .credence-plot')?.data?.[0].name === '${title}'`,
      );
    const isOpen = (): Promise<boolean> => page.evaluate(`document.querySelector('.credence-details').open`);
    await summary.waitFor();
    await runCell(page, 1);
    await page.waitForTimeout(500);
    assert.equal(await isOpen(), false);
    assert.equal(await drawn.count(), 0, 'nothing is drawn that is not seen');

    await summary.focus();
    await page.keyboard.press('Enter');
    await drawn.nth(1).waitFor();
    await named('while closed');
    await page.keyboard.press('Space');
    assert.equal(await isOpen(), false);
    await page.keyboard.press('Space');
    assert.equal(await isOpen(), true);

    await runCell(page, 2);
    await named('while open');
    assert.equal(await details.locator('.credence-figureTitle').first().textContent(), 'while open');
    await page.screenshot({ path: path.join(outputFolder(), 'details-light.png') });
    const color = `document.querySelector('.credence-details .credence-plot')._fullLayout.font.color`;
    const light = JSON.stringify(await page.evaluate(color));
    await setTheme(page, 'JupyterLab Dark');
    await page.waitForFunction(`${color} !== ${light}`);
    await page.screenshot({ path: path.join(outputFolder(), 'details-dark.png') });

    // what is closed hears of a theme when it is opened
    const dark = JSON.stringify(await page.evaluate(color));
    await summary.click();
    await setTheme(page, 'JupyterLab Light');
    await summary.click();
    await page.waitForFunction(`${color} !== ${dark}`);
    await runCell(page, 3);
    await details.waitFor({ state: 'hidden' });
    assert.deepEqual(errors, []);
    await page.close();
  });
});
