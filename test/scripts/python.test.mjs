import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inProject } from '../../scripts/support/project.mjs';
import { findPython, probe, pythonEnvironment } from '../../scripts/support/python.mjs';

describe('the Python in use', () => {
  /** @type {string} */ let folder;
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'credence-python-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** An environment whose Python answers this. @param {string} name @param {string} answer */
  const environment = (name, answer = '3.12.1 yes /usr/bin/python3') => {
    const bin = path.join(folder, name, 'bin');
    mkdirSync(bin, { recursive: true });
    writeFileSync(path.join(bin, 'python'), `#!/bin/sh\nprintf '%s' '${answer}'\n`);
    chmodSync(path.join(bin, 'python'), 0o755);
    return path.join(folder, name);
  };

  it("is .venv's, unless an environment is active or CREDENCE_PYTHON names one", () => {
    const own = { prefix: inProject('.venv'), python: inProject('.venv', 'bin', 'python'), ours: true };
    const [venv, conda] = [environment('venv'), environment('conda')];
    /** @param {NodeJS.ProcessEnv} env */
    const prefixIn = (env) => pythonEnvironment(env).prefix;

    assert.deepEqual(pythonEnvironment({}), own);
    assert.deepEqual(
      pythonEnvironment({ VIRTUAL_ENV: inProject('.venv') }),
      own,
      'our own may be the active one',
    );
    assert.equal(prefixIn({ VIRTUAL_ENV: venv, CONDA_PREFIX: conda }), venv);
    assert.equal(prefixIn({ CONDA_PREFIX: conda, CONDA_DEFAULT_ENV: 'credence' }), conda);
    assert.equal(
      prefixIn({ CONDA_PREFIX: conda, CONDA_DEFAULT_ENV: 'base' }),
      own.prefix,
      'base is left alone',
    );
    assert.equal(prefixIn({ VIRTUAL_ENV: path.join(folder, 'deleted') }), own.prefix);
    assert.deepEqual(pythonEnvironment({ CREDENCE_PYTHON: `${conda}/bin/python3`, VIRTUAL_ENV: venv }), {
      prefix: conda,
      python: `${conda}/bin/python3`,
      ours: false,
    });
  });

  it('is the first that fits when .venv is to be made', () => {
    const old = path.join(environment('old', '3.8.1 yes /usr/bin/python3'), 'bin', 'python');
    const crippled = path.join(environment('crippled', '3.11.2 no /usr/bin/python3.11'), 'bin', 'python');
    const good = path.join(environment('good', '3.12.1 yes /opt/python'), 'bin', 'python');
    assert.equal(findPython('>=3.10', [path.join(folder, 'none'), old, crippled, good]).path, '/opt/python');
    assert.throws(
      () => findPython('>=3.10', [old, crippled]),
      /3\.11\.2 \(\/usr\/bin\/python3\.11\).*venv module/,
    );
    assert.throws(() => findPython('>=3.10', [old]), /3\.8\.1/);
    assert.throws(() => findPython('>=3.10', [path.join(folder, 'none')]), /not found/);
  });

  it('answers what it is', () => {
    const found = probe(process.env['CREDENCE_PYTHON'] ?? 'python3');
    assert.ok(found);
    assert.match(found.version, /^3\.\d+\.\d+$/);
    assert.ok(path.isAbsolute(found.path));
  });
});
