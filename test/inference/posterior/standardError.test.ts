import assert from 'node:assert/strict';
import { binary, classification, quantiles, regression } from '../../../lib/inference/posterior/prediction';
import { type Drawn, enoughSamples, standardError } from '../../../lib/inference/posterior/standardError';
import * as metrics from '../../../lib/metrics';
import { ndarray, type NdArray } from '../../../lib/ndarray';
import { keyOf, normals } from '../../../lib/threefry';
import { refuses } from '../../refuses';

const [DRAWS, ROWS, CLASSES] = [64, 20, 3];

/** Draws [S, ...shape] of some posterior; others for another seed. */
const drawn = (seed: number, shape: number[], of: (z: number, i: number) => number, S = DRAWS): NdArray => {
  const size = shape.reduce((a, b) => a * b);
  return ndarray(Float32Array.from(normals(keyOf(seed), S * size), (z, j) => of(z, j % size)), [S, ...shape]); // prettier-ignore
};

/** Logits that differ by row and class, and by 1 between draws. */
const classes = (seed: number) => {
  const probs = drawn(seed, [ROWS, CLASSES], (z, i) => Math.exp(z + 2 * Math.sin(5 * i)));
  for (let i = 0; i < probs.length; i += CLASSES) {
    const sum = probs[i]! + probs[i + 1]! + probs[i + 2]!;
    for (let k = i; k < i + CLASSES; k++) probs[k]! /= sum;
  }
  return classification(probs);
};
const answers = (seed: number) =>
  binary(drawn(seed, [ROWS, 2], (z, i) => 1 / (1 + Math.exp(-z - Math.sin(i)))));
const numbers = (seed: number) =>
  regression(
    drawn(seed, [ROWS, 1], (z, i) => i + z),
    drawn(seed + 1e6, [ROWS, 1], (z, i) => (1 + i / ROWS) * Math.exp(z / 4)),
  );
const levels = (seed: number) => quantiles(drawn(seed, [ROWS, 2], (z, i) => z + 4 * (i % 2)), [0.1, 0.9]); // prettier-ignore
const labels = Int32Array.from({ length: ROWS }, (_, i) => i % CLASSES);
const y = Float64Array.from({ length: ROWS }, (_, i) => i + 2 * Math.sin(i));

describe('inference: standard errors of predictions', () => {
  it('of a mean it is the standard deviation over the square root of the number of draws', () => {
    const p = numbers(3);
    const want = metrics.stdOf(metrics.moments(p.samples), 1).map((std) => std / Math.sqrt(DRAWS));
    const got = standardError(p, ({ mean }) => mean, { resamples: 4000 });
    assert.deepEqual(got.shape, [ROWS, 1]);
    got.forEach((error, i) => assert.ok(Math.abs(error / want[i]! - 1) < 0.06, `${error}, ${want[i]}`));
  });

  it('is right for two draws, of which the bootstrap sees half the variance', () => {
    const p = numbers(3).take([0, 1]);
    const got = standardError(p, ({ mean }) => mean, { resamples: 4000 });
    got.forEach((error, i) => {
      const want = Math.abs(p.samples[i]! - p.samples[ROWS + i]!) / 2;
      assert.ok(Math.abs(error / want - 1) < 0.06, `${error}, ${want}`);
    });
  });

  /** What a figure really varies by from seed to seed, and what one prediction says it does, both as a mean over its numbers. */
  function check<P extends Drawn<P>>(
    name: string,
    predict: (seed: number) => P,
    figure: (prediction: P) => number | metrics.Numbers,
    tolerance = 0.15,
  ): void {
    it(`is what other draws change: ${name}`, () => {
      const flat = (value: number | metrics.Numbers) =>
        typeof value === 'number' ? [value] : [...Array.from(value)];
      const seeds = 300;
      const values = Float64Array.from({ length: seeds }, (_, s) => s).reduce<number[]>(
        (all, s) => [...all, ...flat(figure(predict(1000 + s)))],
        [],
      );
      const root = (variances: Float64Array) =>
        Math.sqrt(variances.reduce((a, b) => a + b) / variances.length);
      const spread = root(
        metrics.stdOf(metrics.moments(values, { samples: seeds }), 1).map((std) => std ** 2),
      );
      const told = Array.from({ length: 8 }, (_, s) => {
        const errors = standardError(predict(5000 + s), (p) => flat(figure(p)), { resamples: 100, seed: s });
        return errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length;
      });
      const error = root(Float64Array.from(told));
      assert.ok(Math.abs(error / spread - 1) < tolerance, `${error} is told, ${spread} is true`);
    });
  }
  check('the parts of a classification', classes, (p) => [...p.total, ...p.aleatoric]);
  check('mutual information', classes, (p) => p.epistemic);
  check('nll of a classification', classes, (p) => metrics.nll(p.mean, labels));
  check('brier score', classes, (p) => metrics.brier(p.mean, labels));
  check('accuracy', (seed) => classes(seed).take(Array.from({ length: 8 }, (_, i) => i)), (p) => metrics.accuracy(p.mean, labels), 0.3); // prettier-ignore
  check('answers', answers, (p) => p.epistemic);
  check('the spread of a regression', numbers, (p) => [...p.total, ...p.epistemic]);
  check('quantiles of a regression', numbers, (p) => p.quantile(0.95));
  check('rmse', numbers, (p) => metrics.rmse(p.mean, y));
  check('crps', numbers, (p) => metrics.crpsEnsemble(p.samples, y));
  check('predicted quantiles', levels, (p) => [...p.mean, ...p.epistemic]);

  it('falls with the square root of the number of draws', () => {
    const p = numbers(1);
    const few = p.take(Array.from({ length: 16 }, (_, i) => i));
    const rms = (errors: Float64Array) => Math.hypot(...errors);
    const ratio = rms(standardError(few, (q) => q.mean)) / rms(standardError(p, (q) => q.mean));
    assert.ok(Math.abs(ratio - 2) < 0.4, `${ratio}`);
  });

  it('says how many draws are enough, and so many are', () => {
    const within = 0.05;
    const answer = enoughSamples(numbers(2), (p) => p.mean, { within });
    assert.equal(answer.samples, DRAWS);
    assert.match(String(answer), /^64 draws give it to ±0\.1\d; for ±0\.05 draw about \d+0$/);
    // every draw has standard deviation 1, so (1 / 0.05)^2 = 400; the worst of 20 rows errs by 2 standard errors of 10 %
    assert.ok(answer.needed > 400 && answer.needed < 800, `${answer.needed}`);
    const enough = enoughSamples(numbers(2), (p) => p.mean, { within: 1 });
    assert.match(String(enough), /^64 draws give it to ±0\.1\d: enough for ±1, which needs about [12]$/);
  });

  it('is the same for the same seed alone', () => {
    const error = (seed: number) => standardError(classes(1), (p) => metrics.nll(p.mean, labels), { seed });
    assert.equal(error(1), error(1));
    assert.notEqual(error(1), error(2));
  });

  it('refuses what has no error', () => {
    const p = classes(1);
    refuses(() => standardError(p.take([3]), (q) => q.mean), 'E_DATA', /by 1 draw .*samples: 64/);
    refuses(() => standardError(p, () => Infinity), 'E_DATA', /figure is Infinity.*clip/);
    refuses(() => standardError(p, (q) => q.mean, { resamples: 1 }), 'E_OPTION', /'resamples'.*got 1/);
    refuses(
      () => enoughSamples(p, (q) => q.mean, { within: 0 }),
      'E_OPTION',
      /'within' must be a number above 0/,
    );
  });
});
