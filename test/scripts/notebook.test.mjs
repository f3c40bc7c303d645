import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inProject } from '../../scripts/support/project.mjs';
import { pythonEnvironment } from '../../scripts/support/python.mjs';

/**
 * A notebook for Python's own kernel, which comes with JupyterLab.
 * @param {...(string | { heading: string })} cells code, or a heading
 */
const notebook = (...cells) => ({
  nbformat: 4,
  nbformat_minor: 5,
  metadata: { kernelspec: { name: 'python3', display_name: 'Python' } },
  cells: cells.map((cell, index) =>
    typeof cell === 'string'
      ? { id: `c${index}`, cell_type: 'code', metadata: {}, source: cell, outputs: [], execution_count: null }
      : { id: `c${index}`, cell_type: 'markdown', metadata: {}, source: `## ${cell.heading}\ntext` },
  ),
});

/** @typedef {{ cells: { outputs: { data?: Record<string, string[]>, ename?: string }[] }[] }} Executed */

describe('running a notebook', () => {
  /** @type {string} */ let folder;
  /** @type {string} */ let target;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'credence-notebook-'));
    target = path.join(folder, 'executed', 'n.ipynb');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** @param {object} content */
  const start = (content) => {
    const source = path.join(folder, 'n.ipynb');
    writeFileSync(source, JSON.stringify(content));
    const child = spawn(pythonEnvironment().python, [
      inProject('scripts', 'run_notebook.py'),
      source,
      target,
    ]);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (/** @type {Buffer} */ data) => (output += data.toString()));
    }
    /** @type {Promise<{ code: number | null, output: string }>} */
    const ended = new Promise((resolve) => child.once('close', (code) => resolve({ code, output })));
    return { child, ended, output: () => output };
  };
  const executed = () => {
    /** @type {unknown} */ const content = JSON.parse(readFileSync(target, 'utf8'));
    return /** @type {Executed} */ (content);
  };

  it('tells its progress, writes the outputs, and keeps a copy that a person edited', async () => {
    const content = notebook({ heading: 'Add' }, '1 + 1', 'import os\nos.getcwd()');
    const first = await start(content).ended;
    assert.equal(first.code, 0, first.output);
    assert.match(first.output, /^\[1\/2\] Add \.\.\. \d\.\d s\n\[2\/2\] os\.getcwd\(\) \.\.\. \d\.\d s$/m);
    assert.deepEqual(executed().cells[1].outputs[0].data?.['text/plain'], ['2']);
    assert.ok(
      executed().cells[2].outputs[0].data?.['text/plain'].join().includes(path.basename(folder)),
      'runs in its folder',
    );

    const edited = readFileSync(target, 'utf8').replace('1 + 1', '1 + 2');
    writeFileSync(target, edited);
    const second = await start(content).ended;
    assert.match(second.output, /Your earlier copy was edited; it is kept as n-\d{8}-\d{6}\.ipynb/);
    const kept = readdirSync(path.dirname(target)).find((name) => name !== 'n.ipynb');
    assert.equal(readFileSync(path.join(folder, 'executed', kept ?? ''), 'utf8'), edited);
  });

  it('stops at the first cell that fails, shows the error and keeps the outputs', async () => {
    const { code, output } = await start(notebook('40 + 2', '1 / 0', 'print("never")')).ended;
    assert.equal(code, 1);
    assert.match(output, /\[2\/3\] 1 \/ 0 \.\.\. \d\.\d s failed\n/);
    assert.match(output, /ZeroDivisionError: division by zero/);
    assert.deepEqual(executed().cells[0].outputs[0].data?.['text/plain'], ['42']);
    assert.equal(executed().cells[1].outputs[0].ename, 'ZeroDivisionError');
  });

  it('says so when the kernel dies or does not exist', async () => {
    const dead = await start(notebook('import os; os._exit(3)')).ended;
    assert.equal(dead.code, 1);
    assert.match(dead.output, /The kernel died/);
    const content = { ...notebook('1'), metadata: { kernelspec: { name: 'no-such', display_name: 'x' } } };
    const none = await start(content).ended;
    assert.equal(none.code, 1);
    assert.match(none.output, /There is no kernel named 'no-such'/);
    assert.ok(!existsSync(target));
  });

  it('ends with its kernel when it is interrupted', async () => {
    const { child, ended, output } = start(
      notebook(`import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(60)`),
    );
    while (!output().includes('[1/1]')) await sleep(50);
    await sleep(500);
    child.kill('SIGINT');
    const { code } = await ended;
    assert.equal(code, 130);
    assert.ok(!existsSync(target));
  });
});
