import assert from 'node:assert/strict';
import { likelihoods, priors } from '../../lib/distributions';
import { fit } from '../../lib/fit';
import { ensemble } from '../../lib/inference/ensemble';
import { map } from '../../lib/inference/map';
import { mcDropout } from '../../lib/inference/mcDropout';
import { dense, dropout } from '../../lib/layers';
import { sequential } from '../../lib/layers/sequential';
import { accuracy } from '../../lib/metrics';
import { ndarray } from '../../lib/ndarray';
import { adam, sgd } from '../../lib/optimizers';
import { keyOf, normals } from '../../lib/threefry';
import { clouds, fitClouds } from '../problems';
import { refuses } from '../refuses';
import { assertSameOnMeshes, deviation } from '../variables';

describe('inference: map', () => {
  it('finds the mode of a conjugate posterior: ridge regression', async () => {
    const [rows, noise, std] = [40, 0.5, 0.7];
    const x = Float32Array.from(normals(keyOf(1), rows));
    const eps = normals(keyOf(2), rows);
    const y = x.map((value, i) => 1.5 * value - 0.5 + noise * eps[i]!);
    const run = fit(
      sequential([dense({ units: 1 })]),
      { x: ndarray(x, [rows, 1]), y: ndarray(y, [rows, 1]) },
      {
        likelihood: likelihoods.gaussian({ noise }),
        method: map({ prior: priors.normal(0, std) }),
        optimizer: sgd(0.05),
        batchSize: rows,
        epochs: 1000,
        devices: 1,
      },
    );
    const posterior = await run.done;
    // (X'X / noise² + I / std²) w = X'y / noise², with a column of ones
    const sum = (f: (i: number) => number): number => x.reduce((total, _, i) => total + f(i), 0) / noise ** 2;
    const [a, b, d] = [sum((i) => x[i]! ** 2) + std ** -2, sum((i) => x[i]!), rows / noise ** 2 + std ** -2];
    const [p, q] = [sum((i) => x[i]! * y[i]!), sum((i) => y[i]!)];
    const det = a * d - b * b;
    assert.ok(Math.abs(posterior.variables.get('0.dense.kernel')![0]! - (d * p - b * q) / det) < 1e-4);
    assert.ok(Math.abs(posterior.variables.get('0.dense.bias')![0]! - (a * q - b * p) / det) < 1e-4);
    const { epistemic, samples } = posterior.predict([[1]]);
    assert.deepEqual([samples.shape[0], epistemic[0]], [1, 0]);
  });
});

describe('inference: an ensemble', () => {
  const settings = { method: ensemble({ members: 4 }), optimizer: adam(1e-2), epochs: 20 };

  it('is models that each learn as if alone, the first from the same start as map', async () => {
    const alone = await fitClouds({ ...settings, method: map() }).done;
    const together = await fitClouds(settings).done;
    const first = new Map<string, Float32Array>();
    for (const [name, { shape, length }] of alone.variables) {
      const all = together.variables.get(name)!;
      assert.deepEqual(all.shape, [4, ...shape]);
      first.set(name, all.slice(0, length));
      assert.notDeepEqual(all.slice(length, 2 * length), all.slice(0, length));
    }
    assert.ok(deviation(first, alone.variables) < 1e-4);
  });

  it('learns the same on any mesh', () =>
    assertSameOnMeshes(
      (given) => fitClouds({ ...settings, ...given }).done,
      [[2, 1], [3, 1], [2, 2]], // prettier-ignore
      1e-5,
    ));

  it('predicts with its members, and with some of them if so many are asked for', async () => {
    const posterior = await fitClouds(settings).done;
    const { x, y } = clouds.train;
    const all = posterior.predict(x);
    assert.deepEqual(all.samples.shape, [4, 60, 2]);
    assert.ok(accuracy(all.mean, y) > 0.9);
    const some = posterior.predict(x, { samples: 2 });
    assert.deepEqual(
      [some.samples.subarray(0, 120), some.samples.subarray(120)],
      [all.samples.subarray(0, 120), all.samples.subarray(240, 360)],
    );
    assert.ok(Math.max(...all.epistemic) > 0);
  });

  it('takes its members in turn where noise in predictions asks for more draws', async () => {
    const noisy = sequential([
      dense({ units: 8, activation: 'tanh' }),
      dropout({ rate: 0.2, always: true }),
      dense({ units: 2 }),
    ]);
    const { likelihood, train } = clouds;
    const run = fit(noisy, train, { ...settings, likelihood, batchSize: 20, devices: 1 });
    const { samples } = (await run.done).predict(train.x, { samples: 9 });
    assert.equal(samples.shape[0], 9);
    assert.ok(samples.every(Number.isFinite));
    assert.notDeepEqual(samples.slice(0, 120), samples.slice(480, 600)); // the first member with another mask
  });

  it('has one member at least twice', () => {
    refuses(() => ensemble({ members: 1 }), 'E_OPTION', /ensemble: option 'members'/);
  });
});

describe('inference: Monte Carlo dropout', () => {
  const model = sequential([
    dense({ units: 16, activation: 'tanh' }),
    dropout({ rate: 0.3 }),
    dense({ units: 2 }),
  ]);

  it('draws masks in predictions, too', async () => {
    const { likelihood, train } = clouds;
    const run = fit(model, train, {
      likelihood,
      method: mcDropout(),
      optimizer: adam(1e-2),
      epochs: 60,
      batchSize: 20,
      devices: 1,
    });
    const posterior = await run.done;
    const { mean, samples } = posterior.predict(train.x, { samples: 32 });
    assert.equal(samples.shape[0], 32);
    assert.notDeepEqual(samples.slice(0, 120), samples.slice(120, 240));
    assert.ok(accuracy(mean, train.y) > 0.9);
    assert.deepEqual(
      posterior.predict(train.x, { samples: 8, seed: 1 }).mean,
      posterior.predict(train.x, { samples: 8, seed: 1 }).mean,
    );
  });

  it('needs dropout', () => {
    refuses(() => fitClouds({ method: mcDropout() }), 'E_OPTION', /needs a model with dropout/);
  });
});
