import assert from 'node:assert/strict';
import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkHost, checkSpace } from '../../scripts/setup.mjs';
import { isAlive } from '../../scripts/support/identity.mjs';
import { Sandbox } from './sandbox.mjs';

const everything = [
  'npm ci',
  'python venv',
  'python pip install',
  'tsc',
  'npm run build',
  'python pip install',
  'kernel install',
];

describe('set-up', () => {
  /** @type {Sandbox} */ let sandbox;
  beforeEach(() => (sandbox = new Sandbox()));
  afterEach(() => sandbox.remove());

  /** The programs that were called since the last look, shortened to their first words. */
  const calls = () => {
    const file = sandbox.path('calls.txt');
    const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
    rmSync(file, { force: true });
    return lines.map((line) => everything.find((call) => line.startsWith(call)) ?? line);
  };

  /** @param {string} name */
  const appears = async (name) => {
    for (let i = 0; i < 2400 && !existsSync(sandbox.path(name)); i++) await sleep(25);
    assert.ok(existsSync(sandbox.path(name)), `${name} did not appear`);
  };

  /** The program that the set-up at work has noted in its lock. */
  const noted = async () => {
    for (;;) {
      await appears('dist/.setup.lock');
      /** @type {unknown} */ const claim = JSON.parse(
        readFileSync(sandbox.path('dist', '.setup.lock'), 'utf8'),
      );
      const { child } = /** @type {import('../../scripts/support/lock.mjs').Claim} */ (claim);
      if (child) return child;
      await sleep(25);
    }
  };

  it('makes everything once, in order, and nothing the second time', async () => {
    const first = await sandbox.run('build.mjs');
    assert.equal(first.code, 0, first.output);
    assert.deepEqual(calls(), everything);
    assert.equal(first.output.match(/✓/g)?.length, 5);

    const second = await sandbox.run('build.mjs');
    assert.equal(second.output, 'Everything is up to date.\n');
    assert.deepEqual(calls(), []);
    assert.ok(!existsSync(sandbox.path('dist', '.setup.lock')));
  });

  it('makes again only what depends on a change', async () => {
    await sandbox.run('build.mjs');
    calls();

    sandbox.write('lib/errors.ts', 'export const changed = true;\n');
    await sandbox.run('build.mjs');
    assert.deepEqual(calls(), ['tsc']);

    appendFileSync(sandbox.path('environment.yml'), '      - one-more\n');
    await sandbox.run('build.mjs');
    assert.deepEqual(calls(), ['python pip install'], 'adds to .venv, keeps what a person put there');

    rmSync(sandbox.path('.venv'), { recursive: true });
    await sandbox.run('build.mjs');
    assert.deepEqual(calls(), [
      'python venv',
      'python pip install',
      'npm run build',
      'python pip install',
      'kernel install',
    ]);
  });

  it('uses a .venv that a person made, and does not empty it', async () => {
    await sandbox.run('build.mjs');
    rmSync(sandbox.path('.venv', '.credence-stamp'));
    sandbox.write('.venv/mine.txt', 'mine');
    calls();
    await sandbox.run('build.mjs');
    assert.deepEqual(calls(), ['python pip install']);
    assert.ok(existsSync(sandbox.path('.venv', 'mine.txt')));
  });

  it('compiles anew if a compiled file was deleted', async () => {
    await sandbox.run('build.mjs');
    sandbox.write('dist/.tsbuildinfo', 'the memory of the compiler');
    rmSync(sandbox.path('dist', 'lib', 'errors.js'));
    calls();
    assert.equal((await sandbox.run('build.mjs')).code, 0);
    assert.deepEqual(calls(), ['tsc']);
    assert.ok(!existsSync(sandbox.path('dist', '.tsbuildinfo')));
  });

  it('deletes compiled files whose source is gone', async () => {
    sandbox.write('dist/test/old.test.js', '');
    sandbox.write('dist/lib/errors.js', '');
    assert.equal((await sandbox.run('build.mjs')).code, 0);
    assert.ok(!existsSync(sandbox.path('dist', 'test', 'old.test.js')));
    assert.ok(existsSync(sandbox.path('dist', 'lib', 'errors.js')));
  });

  it('stops on Ctrl-C with its programs, and the next run starts the broken part anew', async () => {
    const { child, ended } = sandbox.start('build.mjs', { env: { PIP_SLEEPS: '60' } });
    await appears('.venv/bin/python');
    sandbox.write('.venv/half-installed', '');
    await sleep(200);
    child.kill('SIGINT');
    const { code, output } = await ended;
    assert.equal(code, 130, output);
    assert.match(output, /Interrupted/);
    assert.ok(!existsSync(sandbox.path('dist', '.setup.lock')));
    calls();

    assert.equal((await sandbox.run('build.mjs')).code, 0);
    assert.deepEqual(calls(), everything.slice(1));
    assert.ok(!existsSync(sandbox.path('.venv', 'half-installed')));
  });

  it('trusts nothing that was being changed when it was stopped', async () => {
    await sandbox.run('build.mjs');
    const before = readFileSync(sandbox.path('environment.yml'), 'utf8');
    sandbox.write('environment.yml', `${before}      - one-more\n`);
    calls();
    const { child, ended } = sandbox.start('build.mjs', { env: { PIP_SLEEPS: '60' } });
    await appears('calls.txt');
    child.kill('SIGTERM');
    assert.equal((await ended).code, 143);

    sandbox.write('environment.yml', before);
    calls();
    await sandbox.run('build.mjs');
    assert.deepEqual(calls().slice(0, 2), ['python venv', 'python pip install']);
  });

  it('recovers after it was killed, and stops what it had left running', async () => {
    const { child, ended } = sandbox.start('build.mjs', { env: { NPM_WAITS: 'yes' } });
    const npm = await noted();
    await appears('calls.txt');
    child.kill('SIGKILL');
    await ended;
    assert.ok(existsSync(sandbox.path('dist', '.setup.lock')));
    assert.ok(isAlive(npm));
    calls();

    const { code, output } = await sandbox.run('build.mjs');
    assert.equal(code, 0, output);
    assert.deepEqual(calls(), everything);
    assert.ok(!isAlive(npm), 'the npm of the killed set-up goes on');
  });

  it('lets two set-ups at once do the work once', async () => {
    const one = sandbox.start('build.mjs', { env: { NPM_WAITS: 'yes' } });
    await appears('calls.txt');
    const two = sandbox.start('build.mjs');
    await once(two.child.stdout, 'data'); // that it waits
    sandbox.write('go', '');
    const { code, output } = await two.ended;
    assert.equal(code, 0);
    assert.match(output, /Another set-up is at work.*\n.*Everything is up to date/);
    assert.equal((await one.ended).code, 0);
    assert.deepEqual(calls(), everything);
  });

  it('takes the CUDA build of TensorFlow where the NVIDIA driver answers', async () => {
    sandbox.program('nvidia-smi', '#!/bin/sh\nexit 0\n');
    sandbox.program(
      'python3',
      readFileSync(path.join(sandbox.programs, 'python3'), 'utf8').replace('"python $2 $3"', '"python $*"'),
    );
    await sandbox.run('build.mjs');
    assert.match(readFileSync(sandbox.path('calls.txt'), 'utf8'), /pip install .*tensorflow\[and-cuda\]>=/);
  });

  describe('says in one message what is wrong and what to do', () => {
    /**
     * @param {RegExp} problem
     * @param {RegExp} remedy
     * @param {NodeJS.ProcessEnv} [env]
     */
    const fails = async (problem, remedy, env) => {
      const { code, output } = await sandbox.run('build.mjs', { env });
      assert.equal(code, 1, output);
      assert.match(output, problem);
      assert.match(output, remedy);
      assert.doesNotMatch(output, /^\s+at /m, 'a stack trace');
      return calls();
    };

    it('no Python, before anything is downloaded', async () => {
      rmSync(path.join(sandbox.programs, 'python3'));
      assert.deepEqual(await fails(/Python was not found/, /apt install python3/), []);
    });

    it('an old Python', async () => {
      await fails(/Python 3\.8\.1 \(.*python3\) does not fit: .*>=3\.10,<3\.14/, /Install/, {
        PYTHON_VERSION: '3.8.1',
      });
    });

    it('a Python too new for TensorFlow', async () => {
      await fails(/Python 3\.14\.0 .*does not fit/, /Install/, { PYTHON_VERSION: '3.14.0' });
    });

    it('no venv module', async () => {
      await fails(/venv module is missing/, /apt install python3-venv/, { PYTHON_MAKES: 'no' });
    });

    it('an active environment with an old Python', async () => {
      sandbox.program('bin/python', readFileSync(path.join(sandbox.programs, 'python3'), 'utf8'));
      await fails(/Python 3\.9\.2 .*does not fit/, /Install/, {
        PYTHON_VERSION: '3.9.2',
        VIRTUAL_ENV: sandbox.programs,
      });
    });

    it('no npm', async () => {
      rmSync(path.join(sandbox.programs, 'npm'));
      await fails(/npm was not found/, /comes with Node/);
    });

    it('no network', async () => {
      await fails(/The package server cannot be reached/, /Check the network/, {
        NPM_SAYS:
          'npm error network request to https://example.org/x failed, reason: getaddrinfo EAI_AGAIN example.org',
      });
    });

    it('a full disk', async () => {
      await fails(/The disk is full/, /Free some space/, { NPM_SAYS: 'npm error code ENOSPC' });
    });

    it('anything else, with the last lines and the place of the whole log', async () => {
      await fails(/failed\.\n/, /dist\/setup\.log\n\n(.*\n)*\s+\| something odd/, {
        NPM_SAYS: 'something odd',
      });
    });
  });

  it('refuses an old Node and Windows', () => {
    assert.throws(() => checkHost('18.19.0', '>=20.19', 'linux'), /Node 18\.19\.0 does not fit/);
    assert.throws(() => checkHost('22.0.0', '>=20.19', 'win32'), /Linux and macOS/);
    assert.doesNotThrow(() => checkHost('20.19.0', '>=20.19', 'darwin'));
  });

  it('refuses a disk that is too small for what is missing', () => {
    const step = { title: '', folder: '/nowhere', fingerprint: () => '', make: () => Promise.resolve() };
    const steps = [
      { ...step, gigabytes: 2 },
      { ...step, gigabytes: 0.5 },
    ];
    assert.throws(() => checkSpace(steps, 1.2e9), /needs about 2\.5 GB, and 1\.2 GB are free/);
    assert.doesNotThrow(() => checkSpace(steps, 2.6e9));
  });
});
