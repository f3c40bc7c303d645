import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { packageRoot, pythonExecutable } from '../../lib/environment';

const source = path.join(packageRoot, 'extension');
const read = (...parts: string[]): string => readFileSync(path.join(source, ...parts), 'utf8');
const manifest = JSON.parse(read('package.json')) as { version: string; jupyterlab: { schemaDir: string } };

describe('the Python package of the extension', function () {
  this.timeout(180_000);
  let folder: string;
  const pip = (...args: string[]): string =>
    execFileSync(pythonExecutable(), ['-m', 'pip', '--disable-pip-version-check', ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });

  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'credence-package-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('has one version everywhere', () => {
    const library = JSON.parse(readFileSync(path.join(packageRoot, 'package.json'), 'utf8')) as {
      version: string;
    };
    assert.equal(manifest.version, library.version);
    assert.match(read('pyproject.toml'), new RegExp(`^version = "${manifest.version}"$`, 'm'));
    assert.match(
      read('credence_lab', '__init__.py'),
      new RegExp(`^__version__ = "${manifest.version}"$`, 'm'),
    );
  });

  it('is a wheel with the built extension and its settings, from which JupyterLab takes it', () => {
    pip('wheel', '--no-deps', '--no-build-isolation', '--quiet', '--wheel-dir', folder, source);
    const [wheel] = readdirSync(folder).filter((name) => name.endsWith('.whl'));
    assert.equal(wheel, `credence_lab-${manifest.version}-py3-none-any.whl`);
    const list = 'import sys, zipfile; print("\\n".join(zipfile.ZipFile(sys.argv[1]).namelist()))';
    const names = execFileSync(pythonExecutable(), ['-c', list, path.join(folder, wheel)], {
      encoding: 'utf8',
    });
    const inside = names
      .split('\n')
      .map((name) => name.replace(/^.*\.data\/data\/share\/jupyter\/labextensions\//, ''));
    for (const name of [
      'package.json',
      'install.json',
      'static/style.js',
      'schemas/credence-lab/plugin.json',
      'docs/README.md',
      'docs/images/views/bands-light.png',
    ]) {
      assert.ok(inside.includes(`credence-lab/${name}`), `${name} is missing`);
    }
    assert.ok(!names.includes('src/'), 'sources are not installed');

    const prefix = path.join(folder, 'prefix');
    pip(
      'install',
      '--no-deps',
      '--ignore-installed',
      '--quiet',
      '--prefix',
      prefix,
      path.join(folder, wheel),
    );
    const shared = path.join(prefix, 'share', 'jupyter');
    const built = JSON.parse(
      readFileSync(path.join(shared, 'labextensions', 'credence-lab', 'package.json'), 'utf8'),
    ) as { jupyterlab: { _build: { load: string } } };
    assert.ok(inside.includes(`credence-lab/${built.jupyterlab._build.load}`));

    const { stdout, stderr } = spawnSync(pythonExecutable(), ['-m', 'jupyter', 'labextension', 'list'], {
      encoding: 'utf8',
      env: { ...process.env, JUPYTER_PATH: shared, NO_COLOR: '1' },
    });
    assert.match(stdout + stderr, new RegExp(`credence-lab v${manifest.version} .*enabled.*OK`));
  });

  it('describes settings that JupyterLab can read', () => {
    const schema = JSON.parse(read(manifest.jupyterlab.schemaDir, 'plugin.json')) as {
      properties: Record<string, { default: unknown; description: string }>;
    };
    for (const [name, { default: value, description }] of Object.entries(schema.properties)) {
      assert.notEqual(value, undefined, `${name} has a default`);
      assert.ok(description.length > 10, `${name} is described`);
    }
  });
});
