import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { assertSameRun, fingerprint, readConfig, type RunSettings, writeConfig } from '../../lib/runs/config';
import { refuses } from '../refuses';
import { config, ownFolder, settings } from './folder';

describe('runs: the configuration', () => {
  const folder = ownFolder();

  it('is read as it was written, and says with what the run was made', async () => {
    const written = config({ mesh: null });
    await writeConfig(folder(), written);
    assert.deepEqual(readConfig(folder()), written);
    assert.match(written.versions.credence, /^\d+\.\d+\.\d+/);
    assert.equal(written.versions.node, process.versions.node);
    assert.ok(Math.abs(Date.parse(written.started) - Date.now()) < 60_000);
  });

  it('is refused where it is damaged or of another version', async () => {
    refuses(() => readConfig(folder()), 'E_FILE', /config\.json cannot be used: ENOENT/);
    const file = path.join(folder(), 'config.json');
    await writeConfig(folder(), config());
    const text = readFileSync(file, 'utf8');
    for (const [from, to, says] of [
      ['"format": 1', '"format": 2', /format: it was written by another version/],
      ['"seed": 3', '"seed": "x"', /seed: must be a whole number/],
      ['"kind": "regression"', '"kind": 1', /likelihood\.kind: /],
      ['{', '', /JSON/],
    ] as const) {
      assert.ok(text.includes(from));
      writeFileSync(file, text.replace(from, to));
      refuses(() => readConfig(folder()), 'E_FILE', says);
    }
    writeFileSync(file, text.replace('{', '{ "__proto__": { "seed": 9 }, "later": 1,'));
    assert.equal(readConfig(folder()).seed, 3);
  });

  const model = settings().model;
  const others: readonly [string, Partial<RunSettings>, RegExp][] = [
    ['seed', { seed: 4 }, /seed was 3 and is 4 now/],
    ['batch size', { batchSize: 10 }, /batchSize was 20 and is 10 now/],
    ['samples', { samples: 8 }, /samples was 6 and is 8 now/],
    ['optimiser', { optimizer: 'sgd(0.1)' }, /optimizer was adam\(0\.001\) and is sgd\(0\.1\) now/],
    ['method', { method: 'vi (6 samples, local)' }, /method was vi \(6 samples, auto\) and is/],
    [
      'likelihood',
      { likelihood: { name: 'categorical', kind: 'classification' } },
      /likelihood was gaussian/,
    ],
    ['number of data', { data: { ...settings().data, size: 61 } }, /number of data was 60 and is 61 now/],
    ['input', { data: { ...settings().data, inputShape: [3] } }, /shape of an input was \[2\] and is \[3\]/],
    ['target', { data: { ...settings().data, targetShape: [] } }, /shape of a target was \[2\] and is \[\]/],
    [
      'model',
      { model: [model[0]!, { name: model[1]!.name, shape: [7] }, ...model.slice(2)] },
      /the model of this run has '0\.dense\.kernel\.logStd' \[2, 4\] where this one has '0\.dense\.kernel\.logStd' \[7\]/,
    ],
    ['end of the model', { model: model.slice(0, -1) }, /has '.*' \[.*\] where this one has nothing/],
    ['new end of the model', { model: [...model, model[0]!] }, /has nothing where this one has '0\.dense/],
  ];
  for (const [what, given, says] of others) {
    it(`is of another run if the ${what} differs`, () => {
      refuses(() => assertSameRun(config(), settings(given)), 'E_RUN', says);
      assert.notEqual(fingerprint(settings(given)), fingerprint(settings()));
    });
  }

  it('is of the same run with more epochs and other workers, not with fewer epochs', () => {
    const more = settings({ epochs: 11, steps: 33, mesh: { sample: 2, data: 1 } });
    assertSameRun(config(), more);
    assertSameRun(config(), settings());
    assert.equal(fingerprint(more), fingerprint(settings()));
    refuses(() => assertSameRun(config(), settings({ epochs: 9 })), 'E_RUN', /started for 10 epochs.*not 9/);
  });
});
