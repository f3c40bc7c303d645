import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { pythonExecutable } from '../../lib/environment';
import { install } from '../../kernel/install';
import { findChromium, whyNoBrowser } from '../extension/lab';
import { ourNotebook } from '../extension/notebook';
import { temporaryFolder } from './client';

/** A Python with the packages of frontEnds.txt; that of the project has some of them. */
const python = process.env['CREDENCE_FRONT_ENDS'] ?? pythonExecutable();

const cells = [
  `const answer: number = 6 * 7;\nconsole.log('printed', answer);`,
  `({ toMimeBundle: () => ({ 'text/html': '<b>bold</b>', 'text/plain': 'plain' }) })`,
  `await (Promise.resolve(answer + 1))`,
];

interface Saved {
  cells: { outputs: { text?: string | string[]; data?: Record<string, string | string[]> }[] }[];
}

/** What the cells of an executed notebook show as text. */
const texts = (file: string): string[] =>
  (JSON.parse(readFileSync(file, 'utf8')) as Saved).cells.map(({ outputs }) =>
    outputs.map(({ text, data }) => [text ?? data?.['text/plain'] ?? []].flat().join('')).join(''),
  );

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
    writeFileSync(path.join(folder, 'asked.ipynb'), ourNotebook(...cells));
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

  it('Notebook 7', async function () {
    needs.call(this, 'notebook');
    const reason = whyNoBrowser();
    if (reason !== undefined) {
      process.stdout.write(`      skipped: ${reason}\n`);
      this.skip();
    }
    const line = ['-m', 'notebook', '--no-browser', '--allow-root', '--port=0', '--IdentityProvider.token='];
    const server = spawn(python, line, { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] });
    let browser;
    try {
      const url = await new Promise<string>((resolve, reject) => {
        let log = '';
        server.stderr.on('data', (data: Buffer) => {
          const [address] =
            /http:\/\/(?:127\.0\.0\.1|localhost):[1-9]\d*\//.exec((log += data.toString())) ?? [];
          if (address !== undefined) resolve(address);
        });
        server.on('exit', () => reject(new Error(log)));
      });
      browser = await chromium.launch({ executablePath: findChromium()!, args: ['--no-sandbox'] });
      const page = await browser.newPage();
      page.setDefaultTimeout(60_000);
      await page.goto(`${url}notebooks/asked.ipynb`);
      await page.waitForSelector('.jp-Notebook-ExecutionIndicator[data-status="idle"]');
      await page.locator('.jp-CodeCell').first().click();
      for (let i = 0; i < cells.length; i++) {
        await page.keyboard.press('Shift+Enter');
        await page.locator('.jp-CodeCell').nth(i).locator('.jp-OutputArea-output').first().waitFor();
      }
      const outputs = await page.locator('.jp-CodeCell .jp-OutputArea-output').allInnerTexts();
      assert.deepEqual(
        outputs.map((text) => text.trim()).filter((text) => text !== ''),
        ['printed 42', 'bold', '43'],
      );
    } finally {
      await browser?.close();
      const ended = once(server, 'exit');
      server.kill('SIGTERM');
      await ended;
    }
  });
});
