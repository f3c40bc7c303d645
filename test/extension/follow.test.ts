import assert from 'node:assert/strict';
import type { CDPSession, Page } from 'playwright-core';
import { viewBundle } from '../../lib/figures/bundle';
import { lossFigure } from '../../lib/figures/loss';
import { COMM_TARGET, type View } from '../../lib/figures/wire/messages';
import { bandExample, lossHistory, progress } from '../figures/examples';
import { kernelReady, runCell, useLab } from './lab';
import { notebook } from './notebook';

const run: View = {
  version: 1,
  kind: 'run',
  progress: { ...progress, step: 0, steps: 5000 },
  figures: [lossFigure(lossHistory(20)), bandExample()],
};

/** A kernel that stands in for ours: it sends the states of a run that it is asked to follow. */
const kernel = `
import json
view = json.load(open("view.json"))
heard, comms, state = [], [], {"sequence": 7}
def snapshot(comm):
    comm.send({"type": "snapshot", "run": view["progress"]["id"], "sequence": state["sequence"], "view": view})
def opened(comm, message):
    comms.append(comm)
    def receive(message):
        data = message["content"]["data"]
        heard.append(data)
        if data["type"] == "follow" and data["have"] is None:
            snapshot(comm)
    comm.on_msg(receive)
get_ipython().kernel.comm_manager.register_target("${COMM_TARGET}", opened)
def change(patch, skip=0):
    state["sequence"] += 1 + skip
    comms[-1].send({"type": "change", "run": view["progress"]["id"], "sequence": state["sequence"], "patch": patch})
def grow(step):
    view["progress"]["step"] = step
    loss = view["figures"][0]["data"][0]
    length = len(loss["y"])
    if length == 400:
        length = 20
        del loss["x"][20:], loss["y"][20:]
    loss["x"].append(step)
    loss["y"].append(1 + step % 7)
    add = lambda name: {"keep": length, "add": loss[name][length:]}
    curve = {"keep": 3, "in": {"0": {"in": {"x": add("x"), "y": add("y")}}}}
    figures = {"keep": 2, "in": {"0": {"in": {"data": curve}}}}
    change({"in": {"progress": {"in": {"step": {"is": step}}}, "figures": figures}})`;

/** What follows is shown in a cell of its own, whose kernel answers with a view that is already at another step. */
const show = `
from IPython.display import display
display({"application/vnd.credence.v1+json": json.load(open("view.json")), "text/plain": "a run"}, raw=True)
view["progress"]["step"] = 17`;

const files = {
  'follow.ipynb': notebook([
    { source: kernel },
    { source: show },
    { source: 'grow(18)\ngrow(19)' },
    { source: 'change({"in": {}}, skip=3)\nview["progress"]["step"] = 42' },
    { source: 'print(json.dumps(heard))' },
    { source: 'comms[-1].close()' },
  ]),
  'many.ipynb': notebook([
    { source: kernel },
    { source: show },
    {
      source:
        'import time\ndef send(first, last):\n    for step in range(first, last):\n        grow(step)\n        time.sleep(0.02)\nsend(20, 220)',
    },
    { source: 'send(220, 1220)' },
  ]),
  'saved.ipynb': notebook([{ source: 'was running when it was saved', outputs: [viewBundle(run)] }]),
  'view.json': JSON.stringify(run),
};

const step = (page: Page, number: number): Promise<void> =>
  page.locator('.credence-facts', { hasText: `step ${number} /` }).waitFor();

describe('views of runs that are followed', function () {
  this.timeout(180_000);
  const lab = useLab({ files });

  it('show the states that the kernel sends, and ask anew where one is missing', async () => {
    const { page, errors } = await lab().open('follow.ipynb');
    await kernelReady(page);
    await runCell(page, 0);
    await runCell(page, 1);
    await step(page, 17);
    await runCell(page, 2);
    await step(page, 19);
    const points = await page.evaluate(`document.querySelector('.credence-plot').data[0].y.slice(-2)`);
    assert.deepEqual(points, [1 + (18 % 7), 1 + (19 % 7)]);
    await runCell(page, 3);
    await step(page, 42);
    await runCell(page, 4);
    const heard = page.locator('.jp-RenderedText', { hasText: 'follow' });
    await heard.waitFor();
    const asked = { type: 'follow', run: progress.id, have: null };
    assert.deepEqual(JSON.parse((await heard.textContent()) ?? ''), [
      asked,
      { ...asked, have: 8 }, // so the kernel knows that what it sends arrives
      asked,
    ]);
    await runCell(page, 5);
    await page.locator('.credence-state', { hasText: 'Interrupted' }).waitFor();
    await page
      .locator('.credence-message', { hasText: 'This is the last state that was shown. Its kernel is gone.' })
      .waitFor();
    await page.locator('.credence-controls').waitFor({ state: 'hidden' });
    assert.deepEqual(errors, []);
    await page.close();
  });

  it('say that a run is over whose kernel is another one by now', async () => {
    const { page } = await lab().open('saved.ipynb');
    await kernelReady(page);
    await page.locator('.credence-state', { hasText: 'Interrupted' }).waitFor();
    await page.locator('.credence-facts', { hasText: 'step 0 / 5000' }).waitFor();
    await page.close();
  });

  it('take no more memory after a thousand updates', async () => {
    const { page } = await lab().open('many.ipynb');
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable');
    await kernelReady(page);
    await runCell(page, 0);
    await runCell(page, 1);
    await page.locator('.credence-plot:has(.main-svg)').nth(1).waitFor();
    await runCell(page, 2);
    await step(page, 219);
    const before = await counts(page, session);
    await runCell(page, 3);
    await page.locator('.credence-facts', { hasText: 'step 1219 /' }).waitFor();
    const after = await counts(page, session);
    const told = `before ${JSON.stringify(before)}, after ${JSON.stringify(after)}`;
    process.stdout.write(`      1,000 updates: ${told}\n`);
    assert.ok(after.inside! < before.inside! + 30, `elements of the view: ${told}`); // ticks differ
    assert.ok(after.Nodes! < before.Nodes! + 1000, told); // the page itself keeps the numbers of cells, outputs, ...
    // JupyterLab itself keeps a listener for each message of the kernel, also where no view hears it
    assert.ok(after.JSEventListeners! < before.JSEventListeners! + 1300, told);
    assert.ok(after.JSHeapUsedSize! < before.JSHeapUsedSize! + 5e6, told);
    await page.close();
  });
});

/** Elements in the view, and nodes, listeners and bytes of the page after the garbage is collected. */
async function counts(page: Page, session: CDPSession): Promise<Record<string, number>> {
  await page.waitForTimeout(1000);
  await session.send('HeapProfiler.collectGarbage');
  const { metrics } = await session.send('Performance.getMetrics');
  const chosen = metrics.filter(({ name }) => ['Nodes', 'JSEventListeners', 'JSHeapUsedSize'].includes(name));
  return {
    inside: await page.evaluate<number>(`document.querySelectorAll('.credence-view *').length`),
    ...Object.fromEntries(chosen.map(({ name, value }) => [name, value])),
  };
}
