import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inProject } from '../../scripts/support/project.mjs';

describe('the commands', () => {
  /** @type {string} */ let folder;
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'credence-commands-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** @param {string[]} args @returns {Promise<{ code: number, output: string }>} */
  const start = (...args) =>
    new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        [inProject('scripts', 'start.mjs'), ...args],
        (_error, stdout) => resolve({ code: child.exitCode ?? -1, output: stdout }),
      );
    });

  it('npm start explains itself and refuses unknown options before it does anything', async () => {
    const help = await start('--help');
    assert.equal(help.code, 0);
    assert.match(help.output, /--no-browser/);
    for (const [args, message] of /** @type {const} */ ([
      [['--prot', '1'], /Unknown option '--prot'/],
      [['--port', 'eighty'], /--port must be a number from 1 to 65535, got 'eighty'/],
      [['--port', '70000'], /got '70000'/],
    ])) {
      const { code, output } = await start(...args);
      assert.equal(code, 1);
      assert.match(output, message);
      assert.match(output, /npm start \[-- options\]/);
    }
  });

  it('npm start says when the port is taken', async () => {
    const server = createServer();
    await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    const { code, output } = await start('--port', String(address.port));
    server.close();
    assert.equal(code, 1);
    assert.match(output, new RegExp(`Port ${address.port} is taken.*\n.*--port`));
  });

  it("mocha's count is written when all tests have run, and only then", () => {
    mkdirSync(path.join(folder, 'scripts'));
    cpSync(inProject('scripts', 'mocha-reporter.cjs'), path.join(folder, 'scripts', 'mocha-reporter.cjs'));
    const summary = path.join(folder, 'test-output', 'summary.txt');
    let stdout = '';
    /** @param {string} tests @param {string[]} options */
    const count = (tests, ...options) => {
      rmSync(summary, { force: true });
      writeFileSync(path.join(folder, 'some.test.cjs'), tests);
      const mocha = inProject('node_modules', 'mocha', 'bin', 'mocha.js');
      const args = [mocha, '--reporter', 'scripts/mocha-reporter.cjs', ...options, 'some.test.cjs'];
      ({ stdout } = spawnSync(process.execPath, args, {
        cwd: folder,
        encoding: 'utf8',
        env: { ...process.env, NODE_PATH: inProject('node_modules') },
      }));
      return existsSync(summary) ? readFileSync(summary, 'utf8') : undefined;
    };
    assert.equal(
      count("it('a', () => {}); it('b', () => { throw 1; }); it('c');"),
      '1 passed, 1 failed, 1 skipped\n',
    );
    assert.equal(count("it('a', () => {}); it('b', () => {});"), '2 passed, 0 failed\n');
    const dying = "it('a', () => {}); it('b', () => process.kill(process.pid, 'SIGKILL'));";
    assert.equal(count(dying), undefined);
    assert.equal(count(dying, '--parallel'), '0 passed, 1 failed\n');
    assert.match(stdout, /1\) .*: some\.test\.cjs/);
  });

  it('.ci/run ends with the count, and fails where there is none', () => {
    cpSync(inProject('.ci'), path.join(folder, '.ci'), { recursive: true });
    mkdirSync(path.join(folder, 'programs'));
    writeFileSync(path.join(folder, 'programs', 'chromium'), '#!/bin/sh\n');
    /** @param {string} npm */
    const ci = (npm) => {
      writeFileSync(path.join(folder, 'programs', 'npm'), `#!/bin/sh\n${npm}\n`);
      for (const name of ['npm', 'chromium']) chmodSync(path.join(folder, 'programs', name), 0o755);
      const { status, stdout, stderr } = spawnSync(path.join(folder, '.ci', 'run'), {
        encoding: 'utf8',
        env: { ...process.env, PATH: `${path.join(folder, 'programs')}:${process.env['PATH']}` },
      });
      return { status, last: stdout.trimEnd().split('\n').at(-1), stderr };
    };
    const write = 'mkdir -p test-output; echo "3 passed, 1 failed" > test-output/summary.txt;';
    assert.deepEqual(ci(`${write} echo noise; exit 1`), {
      status: 1,
      last: '3 passed, 1 failed',
      stderr: '',
    });
    assert.deepEqual(ci(write), { status: 0, last: '3 passed, 1 failed', stderr: '' });
    for (const npm of ['exit 0', 'exit 7']) {
      const { status, stderr } = ci(npm);
      assert.notEqual(status, 0, 'the count of an earlier run does not stand in');
      assert.match(stderr, /there is no count/);
    }
  });
});
