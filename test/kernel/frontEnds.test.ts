import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pythonExecutable } from '../../lib/environment';
import { install } from '../../kernel/install';
import { ourNotebook, variedCells } from '../extension/notebook';
import { temporaryFolder } from './client';

/** A Python with the packages of frontEnds.txt; that of the project has some of them. */
const python = process.env['CREDENCE_FRONT_ENDS'] ?? pythonExecutable();

interface Saved {
  cells: { outputs: { text?: string | string[]; data?: Record<string, string | string[]> }[] }[];
}

/** What the cells of an executed notebook show as text. */
const texts = (file: string): string[] =>
  (JSON.parse(readFileSync(file, 'utf8')) as Saved).cells.map(({ outputs }) =>
    outputs.map(({ text, data }) => [text ?? data?.['text/plain'] ?? []].flat().join('')).join(''),
  );

/** In Notebook 7, too: test/extension/notebook7.test.ts. */
describe('the kernel in', function () {
  let folder: string;
  let env: NodeJS.ProcessEnv;

  before(() => {
    folder = temporaryFolder();
    install({ kind: 'prefix', prefix: folder }, 'credence');
    env = {
      ...process.env,
      JUPYTER_PATH: path.join(folder, 'share', 'jupyter'),
      JUPYTER_CONFIG_DIR: path.join(folder, 'config'),
      JUPYTER_RUNTIME_DIR: path.join(folder, 'runtime'),
      IPYTHONDIR: path.join(folder, 'ipython'),
    };
    writeFileSync(path.join(folder, 'asked.ipynb'), ourNotebook(...variedCells));
  });

  /** Skips the test where the module is not installed. */
  function needs(this: Mocha.Context, module: string): void {
    if (spawnSync(python, ['-c', `import ${module}`]).status === 0) return;
    process.stdout.write(
      `      skipped: ${module} is not installed in ${python}; see test/kernel/frontEnds.txt\n`,
    );
    this.skip();
  }

  function run(line: string[], input = '') {
    const options = { cwd: folder, env, input, encoding: 'utf8', timeout: 100_000 } as const;
    const { stdout, stderr, status } = spawnSync(python, line, options);
    assert.equal(status, 0, `${stdout}\n${stderr}`);
    return stdout;
  }

  const shown = ['printed 42\n', 'plain', '43'];

  it('nbclient', function () {
    needs.call(this, 'nbclient');
    // its own command, which is no module that could be run
    run(['-c', 'from nbclient.cli import main; main()', 'asked.ipynb', '--output', 'nbclient']);
    assert.deepEqual(texts(path.join(folder, 'nbclient.ipynb')), shown);
  });

  it('nbconvert', function () {
    needs.call(this, 'nbconvert');
    const page = run(['-m', 'nbconvert', '--execute', '--to', 'html', '--stdout', 'asked.ipynb']);
    assert.match(page, /printed 42[^]*<b>bold<\/b>[^]*<pre>43<\/pre>/);
    const script = run(['-m', 'nbconvert', '--to', 'script', '--stdout', 'asked.ipynb']);
    assert.match(script, /const answer: number = 6 \* 7;/);
  });

  it('papermill', function () {
    needs.call(this, 'papermill');
    run(['-m', 'papermill', 'asked.ipynb', 'papermill.ipynb']);
    assert.deepEqual(texts(path.join(folder, 'papermill.ipynb')), shown);
  });

  it('jupyter console', function () {
    needs.call(this, 'jupyter_console');
    const line = ['-m', 'jupyter_console', '--kernel', 'credence', '--simple-prompt'];
    const typed = `const name = await input('Name? ')\nBayes\n\`hello \${name}\`\n`;
    const screen = run(line, typed);
    assert.match(screen, /Credence .*: TypeScript/);
    assert.match(screen, /Name\? /);
    assert.match(screen, /Out\[2\]: 'hello Bayes'/);
  });
});
