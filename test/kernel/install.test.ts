import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot, pythonExecutable } from '../../lib/environment';
import { temporaryFolder } from './client';

const program = path.resolve(__dirname, '..', '..', 'kernel', 'cli.js');

/** Runs the command line `credence ...`. */
function credence(...line: string[]) {
  return credenceWith({}, ...line);
}

function credenceWith(env: NodeJS.ProcessEnv, ...line: string[]) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [program, ...line], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { stdout, stderr, status };
}

describe('credence kernel', () => {
  it('install registers, list shows, uninstall removes', () => {
    const prefix = temporaryFolder();
    const folder = path.join(prefix, 'share', 'jupyter', 'kernels', 'credence');
    assert.deepEqual(credence('kernel', 'install', '--prefix', prefix), {
      stdout: `registered 'credence' in ${folder}\n`,
      stderr: '',
      status: 0,
    });
    const spec = JSON.parse(readFileSync(path.join(folder, 'kernel.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    const argv = spec['argv'] as string[];
    assert.equal(argv[0], process.execPath);
    assert.equal(argv.at(-1), '{connection_file}');
    assert.ok(argv.slice(1, -1).every((argument) => argument.startsWith('--') || existsSync(argument)));
    assert.equal(spec['display_name'], 'TypeScript (Credence)');
    assert.equal(spec['language'], 'typescript');
    assert.equal(spec['interrupt_mode'], 'message');
    assert.ok(existsSync(path.join(folder, 'logo-svg.svg')));

    assert.equal(credence('kernel', 'list', '--prefix', prefix).stdout, `credence  ${folder}\n`);
    assert.equal(credence('kernel', 'uninstall', '--prefix', prefix).stdout, `removed ${folder}\n`);
    assert.match(credence('kernel', 'list', '--prefix', prefix).stdout, /^not registered/);
    const again = credence('kernel', 'uninstall', '--prefix', prefix);
    assert.deepEqual([again.status, again.stderr.includes("no kernel 'credence' is registered")], [1, true]);
  });

  it('install replaces an earlier registration and leaves nothing else behind', () => {
    const prefix = temporaryFolder();
    credence('kernel', 'install', '--prefix', prefix, '--name', 'mine');
    const folder = path.join(prefix, 'share', 'jupyter', 'kernels', 'mine');
    writeFileSync(path.join(folder, 'old-logo.png'), '');
    credence('kernel', 'install', '--prefix', prefix, '--name', 'mine');
    assert.ok(!existsSync(path.join(folder, 'old-logo.png')));
    assert.deepEqual(readdirSync(path.join(prefix, 'share', 'jupyter')), ['kernels']);
    assert.deepEqual(readdirSync(path.dirname(folder)), ['mine']);
  });

  it('keeps its hands off other kernels', () => {
    const prefix = temporaryFolder();
    const folder = path.join(prefix, 'share', 'jupyter', 'kernels', 'other');
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'kernel.json'), '{"argv": ["python"], "display_name": "Other"}');
    for (const action of ['install', 'uninstall']) {
      const { status, stderr } = credence('kernel', action, '--prefix', prefix, '--name', 'other');
      assert.equal(status, 1);
      assert.match(stderr, /holds another kernel/);
    }
    assert.match(readFileSync(path.join(folder, 'kernel.json'), 'utf8'), /Other/);
  });

  it('list says when the program of a registration is gone', () => {
    const prefix = temporaryFolder();
    credence('kernel', 'install', '--prefix', prefix);
    const file = path.join(prefix, 'share', 'jupyter', 'kernels', 'credence', 'kernel.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('main.js', 'gone.js'));
    assert.match(credence('kernel', 'list', '--prefix', prefix).stdout, /its program is gone/);
  });

  it('finds the places of the user and of the Python environment', () => {
    const home = temporaryFolder();
    const user = credenceWith({ JUPYTER_DATA_DIR: home }, 'kernel', 'install', '--user');
    assert.equal(user.stdout, `registered 'credence' in ${path.join(home, 'kernels', 'credence')}\n`);

    const environment = temporaryFolder();
    execFileSync(pythonExecutable(), ['-m', 'venv', '--without-pip', environment]);
    const python = path.join(environment, 'bin', 'python');
    const { stdout } = credenceWith({ CREDENCE_PYTHON: python }, 'kernel', 'install', '--sys-prefix');
    const folder = path.join(environment, 'share', 'jupyter', 'kernels', 'credence');
    assert.equal(stdout, `registered 'credence' in ${folder}\n`);
    const spec = JSON.parse(readFileSync(path.join(folder, 'kernel.json'), 'utf8')) as { env: object };
    assert.deepEqual(spec.env, { CREDENCE_PYTHON: python });
  });

  it('says what is wrong and what to do', () => {
    const noPython = credenceWith(
      { CREDENCE_PYTHON: '/nowhere/python' },
      'kernel',
      'install',
      '--sys-prefix',
    );
    assert.equal(noPython.status, 1);
    assert.match(noPython.stderr, /^credence: Python was not found at '\/nowhere\/python'.*--user\n$/);
    const file = path.join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const noFolder = credence('kernel', 'install', '--prefix', file);
    assert.equal(noFolder.status, 1);
    assert.match(noFolder.stderr, /could not be registered in .*Try --user or --prefix\n$/);
    const name = credence('kernel', 'install', '--prefix', temporaryFolder(), '--name', '../x');
    assert.match(name.stderr, /--name must consist of letters/);
  });
});

describe('credence', () => {
  it('explains itself, and refuses what makes no sense', () => {
    const help = credence('--help');
    assert.equal(help.status, 0);
    assert.match(help.stdout, /^Usage: credence <command>/);
    for (const [line, rule] of [
      [[], /a command is missing/],
      [['trian'], /unknown command 'trian'/],
      [['kernel'], /'kernel' needs a command/],
      [['kernel', 'start'], /unknown command 'kernel start'/],
      [['kernel', 'list', 'all'], /too many words: 'all'/],
      [['doctor', 'now'], /too many words: 'now'/],
      [['kernel', 'list', '--usr'], /Unknown option '--usr'/],
      [['kernel', 'list', '--user', '--prefix', '/x'], /--user and --prefix exclude each other/],
    ] as const) {
      const { status, stderr, stdout } = credence(...line);
      assert.equal(status, 2, line.join(' '));
      assert.match(stderr, rule);
      assert.match(stderr, /\nUsage: /);
      assert.equal(stdout, '');
    }
  });

  it('doctor tells what was found, and the remedy for what is missing', () => {
    const { stdout } = credence('doctor');
    assert.match(stdout, /^ok {7}Node {8}\d+\.\d+\.\d+ at /m);
    for (const subject of ['Python', 'TensorFlow', 'Devices', 'JupyterLab', 'Kernel', 'Extension']) {
      assert.match(stdout, new RegExp(`^(ok     |missing)  ${subject}\\s+\\S`, 'm'));
    }
    const bare = credenceWith({ CREDENCE_PYTHON: '/nowhere/python' }, 'doctor');
    assert.equal(bare.status, 1);
    assert.match(
      bare.stdout,
      /^missing {2}TensorFlow {2}Python was not found at '\/nowhere\/python'\. Run 'npm start'/m,
    );
  });

  it('is the program of the package', () => {
    const { bin } = JSON.parse(readFileSync(path.join(packageRoot, 'package.json'), 'utf8')) as {
      bin: { credence: string };
    };
    assert.equal(bin.credence, 'dist/kernel/cli.js');
    assert.ok(readFileSync(program, 'utf8').startsWith('#!/usr/bin/env node\n'));
  });
});
