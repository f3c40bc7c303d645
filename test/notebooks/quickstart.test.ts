import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { packageRoot, pythonExecutable } from '../../lib/environment';
import { MIME_TYPE, parseView } from '../../lib/figures/wire/messages';

const run = promisify(execFile);

interface Output {
  output_type: string;
  name?: string;
  text?: string | string[];
  data?: Record<string, unknown>;
}

/** A text of a notebook, which may be saved as one string or as lines. */
const text = (value: string | string[] | undefined): string => [value ?? ''].flat().join('');

describe('notebooks/quickstart.ipynb, executed by nbclient on the installed kernel', function () {
  this.timeout(400_000);
  let folder: string;
  let outputs: Output[];

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'credence-quickstart-'));
    const executed = path.join(folder, 'quickstart.ipynb');
    const source = path.join(packageRoot, 'notebooks', 'quickstart.ipynb');
    await run(pythonExecutable(), [path.join(packageRoot, 'scripts', 'run_notebook.py'), source, executed]);
    const notebook = JSON.parse(readFileSync(executed, 'utf8')) as { cells: { outputs?: Output[] }[] };
    outputs = notebook.cells.flatMap(({ outputs = [] }) => outputs);
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  const views = (): { data: Record<string, unknown> }[] =>
    outputs.filter((output): output is Output & { data: Record<string, unknown> } =>
      Object.hasOwn(output.data ?? {}, MIME_TYPE),
    );

  /** The number that a cell printed after these words. */
  function printed(words: string): number {
    const streams = outputs.filter(({ output_type }) => output_type === 'stream').map((output) => text(output.text));
    const match = new RegExp(`${words}:? +([0-9.e+-]+)`).exec(streams.join(''));
    assert.ok(match, `'${words}' was not printed in ${streams.join('')}`);
    return Number(match[1]);
  }

  it('shows pictures that every front end can draw', () => {
    assert.equal(views().length, 7);
    for (const { data } of views()) {
      const view = parseView(data[MIME_TYPE]);
      assert.ok(view.ok && view.value.figures.length > 0);
      assert.match(text(data['image/svg+xml'] as string), /^<svg/);
      assert.ok(text(data['text/plain'] as string).length > 20);
      assert.ok('application/vnd.plotly.v1+json' in data);
    }
  });

  it('leaves live views in their last state', () => {
    const runs = views().flatMap(({ data }) => {
      const view = parseView(data[MIME_TYPE]);
      return view.ok && view.value.kind === 'run' ? [view.value] : [];
    });
    assert.equal(runs.length, 2);
    for (const { progress, figures } of runs) {
      assert.equal(progress.state, 'done');
      assert.equal(progress.step, progress.steps);
      assert.equal(figures.filter(({ detail }) => !detail).length, 2); // loss, calibration
    }
  });

  it('learns the digits: accuracy at least 0.95, ECE at most 0.05', () => {
    assert.ok(printed('\\baccuracy') >= 0.95);
    assert.ok(printed('expected calibration error') <= 0.05);
  });

  it('gets the same weights on one and on two workers', () => {
    assert.ok(printed('between 1 and 2 workers') < 1e-3);
  });
});
