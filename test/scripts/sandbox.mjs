import { spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inProject } from '../../scripts/support/project.mjs';

/** An npm that "installs" a compiler which "compiles" the kernel's command; it waits for the file `go`, or stops, first if it is told to. */
const fakeNpm = `#!/bin/sh
echo "npm $*" >> calls.txt
[ "$1" = ci ] || exit 0
[ -z "$NPM_WAITS" ] || until [ -e go ] || [ ! -e programs ]; do sleep 0.1; done
if [ -n "$NPM_SAYS" ]; then echo "$NPM_SAYS"; exit 1; fi
mkdir -p node_modules/typescript/bin
cat > node_modules/typescript/bin/tsc <<'END'
const { appendFileSync, mkdirSync, writeFileSync } = require('node:fs');
appendFileSync('calls.txt', 'tsc\\n');
for (const folder of ['dist/kernel', 'dist/lib']) mkdirSync(folder, { recursive: true });
writeFileSync('dist/lib/errors.js', '');
writeFileSync('dist/kernel/cli.js', "require('node:fs').appendFileSync('calls.txt', 'kernel install\\\\n')");
END
`;

/** A Python that can say what it is, "make" an environment with itself in it, and "install" packages. */
const fakePython = `#!/bin/sh
case "$1 $2" in
  "-c "*) printf '%s %s %s' "\${PYTHON_VERSION:-3.11.7}" "\${PYTHON_MAKES:-yes}" "$0"; exit 0 ;;
esac
echo "python $2 $3" >> calls.txt
case "$2" in
  venv) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
  pip) [ "$3" != install ] || sleep "\${PIP_SLEEPS:-0}" ;;
esac
`;

/**
 * A copy of the scripts in a folder of its own, where npm and Python are stand-ins that write down their calls. What
 * set-up decides is real; only what it would download is not.
 */
export class Sandbox {
  constructor() {
    this.folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'credence-scripts-')));
    this.programs = this.path('programs');
    for (const name of ['scripts', 'environment.yml', 'package.json', 'package-lock.json', '.npmrc']) {
      cpSync(inProject(name), this.path(name), { recursive: true });
    }
    this.write('lib/errors.ts', 'export {};\n');
    this.program('npm', fakeNpm);
    this.program('python3', fakePython);
    for (const name of ['sh', 'cat', 'cp', 'mkdir', 'sleep', 'printf', 'ps']) {
      const real = ['/bin', '/usr/bin']
        .map((folder) => path.join(folder, name))
        .find((file) => realpath(file));
      if (real) symlinkSync(real, path.join(this.programs, name));
    }
  }

  /** @param {string[]} parts */
  path(...parts) {
    return path.join(this.folder, ...parts);
  }

  /** @param {string} name @param {string} text */
  write(name, text) {
    mkdirSync(path.dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), text);
  }

  /** Puts a program on the PATH of the sandbox. @param {string} name @param {string} text */
  program(name, text) {
    this.write(path.join('programs', name), text);
    chmodSync(path.join(this.programs, name), 0o755);
  }

  /**
   * Starts one of the scripts.
   * @param {string} script
   * @param {{ args?: string[], env?: NodeJS.ProcessEnv }} [options]
   */
  start(script, { args = [], env = {} } = {}) {
    const child = spawn(process.execPath, [this.path('scripts', script), ...args], {
      cwd: this.folder,
      env: { PATH: this.programs, HOME: this.folder, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (/** @type {Buffer} */ data) => (output += data.toString()));
    }
    /** @type {Promise<{ code: number | null, output: string }>} */
    const ended = new Promise((resolve) => child.once('close', (code) => resolve({ code, output })));
    return { child, ended };
  }

  /** Runs one of the scripts to its end. @param {Parameters<Sandbox['start']>} args */
  run(...args) {
    return this.start(...args).ended;
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** @param {string} file */
function realpath(file) {
  try {
    return realpathSync(file);
  } catch {
    return undefined;
  }
}
