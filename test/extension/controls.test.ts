import assert from 'node:assert/strict';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { viewBundle } from '../../lib/figures/bundle';
import { COMM_TARGET, MIME_TYPE, type View } from '../../lib/figures/wire/messages';
import { bandExample, progress } from '../figures/examples';
import { kernelReady, outputFolder, runCell, useLab } from './lab';
import { notebook } from './notebook';

const run: View = { version: 1, kind: 'run', progress, figures: [bandExample()] };
const done: View = { ...run, progress: { ...progress, state: 'done' } };

/** A kernel that stands in for ours: it shows a run, answers controls as a run would, and knows no other run. */
const kernel = `
import json
from IPython.display import display
view = json.load(open("view.json"))
def bundle():
    return {"${MIME_TYPE}": view, "text/plain": "a run"}
handle = display(bundle(), raw=True, display_id=True)
states = {"pause": "paused", "resume": "running", "finish": "stopping", "stop": "stopped"}
heard = []
def opened(comm, message):
    def receive(message):
        control = message["content"]["data"]
        if control["type"] != "control":
            return
        heard.append(control)
        known = control["run"] == view["progress"]["id"]
        comm.send({"type": "reply", "run": control["run"], "ok": known, "message": None if known else "There is no such run."})
        if known:
            view["progress"]["state"] = states[control["action"]]
            handle.update(bundle(), raw=True)
    comm.on_msg(receive)
get_ipython().kernel.comm_manager.register_target("${COMM_TARGET}", opened)`;

const other = `view["progress"]["id"] = "another run"`;

const files = {
  'run.ipynb': notebook([{ source: kernel }, { source: other }, { source: 'print(json.dumps(heard))' }]),
  'saved.ipynb': notebook([
    { source: 'was running when it was saved', outputs: [viewBundle(run)] },
    { source: 'was done', outputs: [viewBundle(done)] },
  ]),
  'view.json': JSON.stringify(run),
};

const button = (page: Page, name: string): Locator => page.getByRole('button', { name: `${name} run` });

const state = (page: Page, text: string): Promise<void> =>
  page.locator('.credence-state', { hasText: new RegExp(`^${text}$`) }).waitFor();

describe('controls of a run in JupyterLab', function () {
  this.timeout(120_000);
  const lab = useLab({ files });

  it('pause, resume and stop it, by mouse and by keyboard', async () => {
    const { page, errors } = await lab().open('run.ipynb');
    await kernelReady(page);
    await runCell(page, 0);
    await state(page, 'Running');
    await button(page, 'Pause').click();
    await state(page, 'Paused');
    await page.screenshot({ path: path.join(outputFolder(), 'run-paused.png') });
    await button(page, 'Resume').focus();
    await page.keyboard.press('Enter');
    await state(page, 'Running');
    assert.equal(
      await page.evaluate(`document.activeElement.getAttribute('aria-label')`),
      'Pause run',
      'the focus stays on the button',
    );
    await page.keyboard.press('Tab');
    assert.equal(
      await page.evaluate(`document.activeElement.getAttribute('aria-label')`),
      'Finish run',
      'the next one',
    );
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await state(page, 'Stopped');
    await page.locator('.credence-controls').waitFor({ state: 'hidden' });
    await runCell(page, 2);
    const heard = page.locator('.jp-RenderedText', { hasText: 'control' });
    await heard.waitFor();
    assert.deepEqual(
      JSON.parse((await heard.textContent()) ?? ''),
      ['pause', 'resume', 'stop'].map((action) => ({ type: 'control', run: progress.id, action })),
    );
    assert.deepEqual(errors, []);
    await page.close();
  });

  it('say what the kernel answers', async () => {
    const { page } = await lab().open('run.ipynb');
    await kernelReady(page);
    await runCell(page, 0);
    await state(page, 'Running');
    await runCell(page, 1);
    await button(page, 'Stop').click();
    await page.getByRole('alert').filter({ hasText: 'There is no such run.' }).waitFor();
    assert.equal(await button(page, 'Stop').getAttribute('aria-disabled'), 'false');
    await page.close();
  });

  it('are gone with the kernel, and not there for a run that a kernel does not know', async () => {
    const { page } = await lab().open('run.ipynb');
    await kernelReady(page);
    await runCell(page, 0);
    await button(page, 'Finish').waitFor();
    await page.evaluate(`window.jupyterapp.shell.currentWidget.sessionContext.shutdown()`);
    await button(page, 'Finish').waitFor({ state: 'hidden' });
    await state(page, 'Interrupted');
    await page.close();
    const saved = await lab().open('saved.ipynb');
    await kernelReady(saved.page);
    await state(saved.page, 'Interrupted');
    assert.equal(await saved.page.locator('.credence-controls:visible').count(), 0);
    await saved.page.close();
  });
});
