import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inProject } from '../../scripts/support/project.mjs';

/**
 * For each rule one file that breaks it.
 * @type {Record<string, { file: string, imports: string[] }>}
 */
const violations = {
  'one-way-data': { file: 'lib/data/a.ts', imports: ['../layers/a'] },
  'one-way-metrics': { file: 'lib/metrics/a.ts', imports: ['../engine/a'] },
  'one-way-mpi': { file: 'lib/mpi/a.ts', imports: ['../engine/a'] },
  'one-way-engine': { file: 'lib/engine/a.ts', imports: ['../inference/a'] },
  'one-way-engine-native': { file: 'lib/engine/native/a.ts', imports: ['../tfjs/b'] },
  'one-way-engine-tfjs': { file: 'lib/engine/tfjs/a.ts', imports: ['../compile/b'] },
  'one-way-engine-compile': { file: 'lib/engine/compile/a.ts', imports: ['../c'] },
  'one-way-figures': { file: 'lib/figures/a.ts', imports: ['../distributions/a'] },
  'one-way-distributions': { file: 'lib/distributions/a.ts', imports: ['../layers/a'] },
  'one-way-optimizers': { file: 'lib/optimizers/a.ts', imports: ['../distributions/a'] },
  'one-way-augmentations': { file: 'lib/augmentations/a.ts', imports: ['../layers/a'] },
  'one-way-layers': { file: 'lib/layers/a.ts', imports: ['../objectives/a'] },
  'one-way-objectives': { file: 'lib/objectives/a.ts', imports: ['../parallel/a'] },
  'one-way-compat': { file: 'lib/compat/a.ts', imports: ['../weights/a'] },
  'one-way-weights': { file: 'lib/weights/a.ts', imports: ['../inference/a'] },
  'one-way-gaussianProcess': { file: 'lib/gaussianProcess/a.ts', imports: ['../inference/a'] },
  'one-way-inference': { file: 'lib/inference/a.ts', imports: ['../runs/a'] },
  'one-way-parallel': { file: 'lib/parallel/a.ts', imports: ['../fit'] },
  'one-way-parallel-plan': { file: 'lib/parallel/plan/a.ts', imports: ['../memory/b'] },
  'one-way-parallel-memory': { file: 'lib/parallel/memory/a.ts', imports: ['../step/b'] },
  'one-way-parallel-exchange': { file: 'lib/parallel/exchange/a.ts', imports: ['../step/b'] },
  'one-way-parallel-step': { file: 'lib/parallel/step/a.ts', imports: ['../worker/b'] },
  'one-way-parallel-worker': { file: 'lib/parallel/worker/a.ts', imports: ['../c'] },
  'one-way-conformal': { file: 'lib/conformal/a.ts', imports: ['../parallel/a'] },
  'one-way-cluster': { file: 'lib/cluster/a.ts', imports: ['../runs/a'] },
  'one-way-runs': { file: 'lib/runs/a.ts', imports: ['../show/a'] },
  'one-way-show': { file: 'lib/show/a.ts', imports: ['../fit'] },
  'one-way-fit': { file: 'lib/fit.ts', imports: ['./index'] },
  'one-way-resume': { file: 'lib/resume.ts', imports: ['./index'] },
  'one-way-scaling': { file: 'lib/scaling/a.ts', imports: ['../resume'] },
  'base-imports-base': { file: 'lib/errors.ts', imports: ['./engine/a'] },
  'no-circular': { file: 'lib/layers/b.ts', imports: ['./c'] },
  'no-orphans': { file: 'lib/layers/orphan.ts', imports: [] },
  'lib-stands-alone': { file: 'lib/runs/b.ts', imports: ['../../kernel/a'] },
  'kernel-before-extension': { file: 'kernel/b.ts', imports: ['../extension/src/a'] },
  'extension-knows-only-figures': { file: 'extension/src/b.ts', imports: ['../../lib/runs/a'] },
  'plain-parts-without-tfjs': { file: 'lib/metrics/b.ts', imports: ['@tensorflow/tfjs'] },
  'figures-run-in-a-browser': { file: 'lib/figures/b.ts', imports: ['node:fs'] },
  'few-native': { file: 'lib/parallel/b.ts', imports: ['koffi'] },
  'no-dev-dependencies': { file: 'lib/runs/c.ts', imports: ['mocha'] },
  declared: { file: 'lib/runs/d.ts', imports: ['no-such-package'] },
};

/** Files that others import, and that import what they may. */
const innocent = {
  'lib/index.ts': ['./fit'],
  'lib/layers/a.ts': ['../distributions/a', '../engine/a', '../errors'],
  'lib/layers/c.ts': ['./b'],
  'lib/engine/b.ts': ['koffi', '@tensorflow/tfjs', './compile/b'],
  'lib/engine/compile/b.ts': ['../tfjs/b'],
  'lib/engine/c.ts': ['./compile/b'],
  'lib/engine/tfjs/b.ts': ['../native/b'],
  'lib/engine/native/b.ts': ['koffi'],
  'lib/mpi/b.ts': ['koffi', '../errors'],
  'lib/parallel/plan/b.ts': ['../../errors'],
  'lib/parallel/memory/b.ts': ['../plan/b'],
  'lib/parallel/step/b.ts': ['../memory/b'],
  'lib/parallel/worker/b.ts': ['../step/b'],
  'lib/parallel/c.ts': ['./worker/b'],
  'kernel/a.ts': ['../lib/index', './signal'],
  'kernel/signal.ts': ['koffi'],
  'extension/src/a.ts': ['../../lib/figures/a'],
};

/** @typedef {{ summary: { violations: { rule: { name: string }, from: string }[] } }} Cruise */

describe('the one-way rules of imports', () => {
  /** @type {string} */ let folder;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'credence-rules-'));
    for (const name of ['package.json', 'tsconfig.json', '.dependency-cruiser.cjs']) {
      cpSync(inProject(name), path.join(folder, name));
    }
    symlinkSync(inProject('node_modules'), path.join(folder, 'node_modules'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** @param {string} file @param {string[]} imports */
  const write = (file, imports) => {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    const lines = imports.map((name, i) => `import * as m${i} from '${name}';`);
    writeFileSync(
      path.join(folder, file),
      [...lines, `export default [${imports.map((_, i) => `m${i}`).join()}];`].join('\n'),
    );
  };

  it('each catch the file that breaks them, and nothing else', () => {
    for (const [file, imports] of Object.entries(innocent)) write(file, imports);
    for (const { file, imports } of Object.values(violations)) write(file, imports);
    const tool = inProject('node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');
    const { stdout } = spawnSync(
      process.execPath,
      [tool, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'lib', 'kernel', 'extension'],
      { cwd: folder, encoding: 'utf8', maxBuffer: 1e8 },
    );
    /** @type {unknown} */ const result = JSON.parse(stdout);
    const found = /** @type {Cruise} */ (result).summary.violations;
    for (const [rule, { file }] of Object.entries(violations)) {
      assert.ok(
        found.some((violation) => violation.rule.name === rule && violation.from === file),
        `${rule} does not catch ${file}`,
      );
    }
    const guilty = new Set(Object.values(violations).map(({ file }) => file));
    const wronged = found.filter(({ from, rule }) => !guilty.has(from) && rule.name !== 'no-circular');
    assert.deepEqual(wronged, []);
  });

  it('are all broken by one of these files', () => {
    /** @type {unknown} */ const config = createRequire(import.meta.url)(
      inProject('.dependency-cruiser.cjs'),
    );
    const { forbidden } = /** @type {{ forbidden: { name: string }[] }} */ (config);
    const names = forbidden.map(({ name }) => name).filter((name) => name !== 'one-way-index');
    assert.deepEqual(names.sort(), Object.keys(violations).sort());
  });
});
