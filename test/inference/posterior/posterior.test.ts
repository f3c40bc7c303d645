import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import type { Kind, Likelihood } from '../../../lib/distributions/likelihood';
import { tensorflow } from '../../../lib/engine/tfjs/tensorflow';
import { Posterior } from '../../../lib/inference/posterior/posterior';
import { vi } from '../../../lib/inference/vi';
import { accuracy } from '../../../lib/metrics';
import { ndarray, type NdArray, type TypedArray } from '../../../lib/ndarray';
import { sgd } from '../../../lib/optimizers';
import { streamKey } from '../../../lib/streams';
import { referenceNormals } from '../../engine/noise';
import { assertClose } from '../../golden';
import { clouds, curves } from '../../problems';
import { startVectors } from '../../programs';

/** The posterior before training, but wide. */
function untrained<K extends Kind>(likelihood: Likelihood<K>, targetShape: number[]): Posterior<K> {
  const program = vi({ initialStd: 1 }).build({
    model: clouds.model,
    likelihood,
    optimizer: sgd(),
    inputShape: [2],
    targetShape,
    size: 60,
    steps: 100,
    stepsPerEpoch: 10,
  });
  const shapes = { input: [2], output: [2] };
  const { variables, draws } = program;
  return new Posterior(program, likelihood, shapes, { variables, draws, vectors: startVectors(program) });
}
const classifier = () => untrained(clouds.likelihood, []);
const regressor = () => untrained(curves.likelihood, [2]);

const xs = (rows: number) =>
  ndarray(
    Float32Array.from({ length: 2 * rows }, (_, i) => Math.sin(i)),
    [rows, 2],
  );

const shapeOf = ({ shape }: NdArray<TypedArray>): string => shape.join();
const average = (values: number[]): number => values.reduce((a, b) => a + b) / values.length;
/** What each draw says in one place of `size`. */
const drawsOf = (samples: NdArray, place: number, size: number): number[] =>
  Array.from(samples.filter((_, i) => i % size === place));

describe('inference: predictions of a classifier', () => {
  before(() => {
    tensorflow();
  });

  it('have the shapes that the documentation says, and probabilities that sum to one', () => {
    const p = classifier().predict(xs(5), { samples: 20 });
    const { mean, samples, total, aleatoric, epistemic } = p;
    assert.deepEqual([mean, samples, total, aleatoric, epistemic].map(shapeOf), [
      '5,2',
      '20,5,2',
      '5',
      '5',
      '5',
    ]);
    for (let i = 0; i < 5; i++) {
      assertClose(mean[2 * i]! + mean[2 * i + 1]!, 1, 1e-6);
      assert.ok(epistemic[i]! > 0);
      assertClose(total[i], aleatoric[i]! + epistemic[i]!, 1e-6);
    }
    for (let i = 0; i < 10; i++) assertClose(mean[i], average(drawsOf(samples, i, 10)), 1e-6);
  });

  it('are what the weights of each draw give: the first of them by hand', () => {
    const posterior = classifier();
    const { samples } = posterior.predict(xs(3), { samples: 2, seed: 9 });
    /** Of a parameter whose noise starts at element `from` of `length` of a stream. */
    const weights = (name: string, [stream, from, length]: [number, number, number]): tf.Tensor => {
      const [mean, logStd] = ['mean', 'logStd'].map((part) => posterior.variables.get(`${name}.${part}`)!);
      const position = { key: streamKey(9, 'prediction'), step: 0, stream, firstSample: 0 };
      const eps = referenceNormals(position, 2, length);
      return tf.tensor(
        mean!.map((m, i) => m + Math.exp(logStd![i]!) * eps[from + i]!),
        [...mean!.shape],
      );
    };
    const hidden = tf.tanh(
      tf.add(
        tf.matMul(tf.tensor2d(xs(3), [3, 2]), weights('0.dense.kernel', [0, 0, 16])),
        weights('0.dense.bias', [1, 0, 4]),
      ),
    );
    const probabilities = tf.softmax(tf.matMul(hidden, weights('1.dense.kernel', [0, 8, 16])));
    assertClose(samples.subarray(0, 6), Array.from(probabilities.dataSync()), 1e-5);
  });

  it('are the same for the same seed, others for another', () => {
    const posterior = classifier();
    const draw = (seed?: number) =>
      Array.from(posterior.predict(xs(4), seed === undefined ? {} : { seed }).samples);
    assert.deepEqual(draw(1), draw(1));
    assert.deepEqual(draw(), draw(0));
    assert.notDeepEqual(draw(1), draw(2));
  });

  it('do not depend on how many draws or rows there are: 600 rows and 21 draws hold 3 rows and 5 draws', () => {
    const posterior = classifier();
    const many = posterior.predict(xs(600), { samples: 21 });
    const few = posterior.predict(xs(3), { samples: 5 });
    assert.deepEqual(many.samples.shape, [21, 600, 2]);
    for (let draw = 0; draw < 5; draw++) {
      const begin = draw * 600 * 2;
      assertClose(
        many.samples.subarray(begin, begin + 6),
        Array.from(few.samples.subarray(6 * draw, 6 * draw + 6)),
        1e-6,
      );
    }
    // the last row of the last draw was computed in another call than the first
    const last = ndarray(xs(600).slice(-2), [1, 2]);
    const alone = posterior.predict(last, { samples: 21 }).samples;
    assertClose(many.samples.slice(-2), Array.from(alone.slice(-2)), 1e-6);
  });

  it('take typed arrays with a shape, nested lists and tensors', () => {
    const posterior = classifier();
    const list = [
      [0.5, -1],
      [2, 0],
    ];
    const want = Array.from(posterior.predict(list, { samples: 4 }).mean);
    for (const x of [tf.tensor2d(list), ndarray(Float64Array.from(list.flat()), [2, 2])]) {
      assert.deepEqual(Array.from(posterior.predict(x, { samples: 4 }).mean), want);
    }
  });

  it('leave no tensor behind', () => {
    const posterior = classifier();
    posterior.predict(xs(4));
    const before = tf.memory().numTensors;
    for (let i = 0; i < 3; i++) posterior.predict(xs(4));
    assert.equal(tf.memory().numTensors, before);
  });

  it('refuse what does not fit the model', () => {
    const posterior = classifier();
    const refused: [x: Parameters<typeof posterior.predict>[0], code: string, message: RegExp][] = [
      [[[1, 2, 3]], 'E_SHAPE', /^the model needs x of shape \[N, 2\], got \[N, 3\]$/],
      [[1, 2], 'E_SHAPE', /got \[N, 1\]/],
      [[], 'E_SHAPE', /x is empty/],
      [[[1, NaN]], 'E_DATA', /x\[0\]\[1\] is NaN/],
      [[[1, 2], [3]], 'E_SHAPE', /ragged/],
    ];
    for (const [x, code, message] of refused) {
      assert.throws(() => posterior.predict(x), { name: 'CredenceError', code, message });
    }
    assert.throws(() => posterior.predict([[1, 2]], { samples: 0 }), {
      code: 'E_OPTION',
      message: /'samples' must be a whole number of at least 1, got 0/,
    });
    assert.throws(() => posterior.predict([[1, 2]], { sample: 4 } as object), {
      code: 'E_OPTION',
      message: /Did you mean 'samples'\?/,
    });
    assert.throws(() => posterior.predict([[1, 2]], { seed: -1 }), { code: 'E_OPTION', message: /'seed'/ });
  });

  it('go with the metrics', () => {
    const { x, y } = clouds.train;
    const share = accuracy(classifier().predict(x).mean, y);
    assert.ok(share >= 0 && share <= 1);
  });
});

describe('inference: predictions of a regression', () => {
  before(() => {
    tensorflow();
  });

  it('split the variance: noise, disagreement of the draws, and their sum', () => {
    const p = regressor().predict(xs(7), { samples: 33 });
    const { mean, samples, total, aleatoric, epistemic } = p;
    assert.deepEqual([mean, samples, total, aleatoric, epistemic].map(shapeOf), [
      '7,2',
      '33,7,2',
      '7,2',
      '7,2',
      '7,2',
    ]);
    for (let i = 0; i < 14; i++) {
      const draws = drawsOf(samples, i, 14);
      const center = average(draws);
      assertClose(mean[i], center, 1e-6);
      assertClose(epistemic[i], Math.sqrt(average(draws.map((each) => (each - center) ** 2))), 1e-5);
      assertClose(aleatoric[i], 0.5, 1e-6);
      assertClose(total[i], Math.hypot(aleatoric[i]!, epistemic[i]!), 1e-6);
    }
  });

  it('have quantiles that rise with the level and surround the mean', () => {
    const p = regressor().predict(xs(3), { samples: 16 });
    const [low, middle, high] = [0.05, 0.5, 0.95].map((level) => p.quantile(level));
    assert.equal(shapeOf(middle!), '3,2');
    for (let i = 0; i < 6; i++) {
      assert.ok(
        low![i]! < p.mean[i]! && p.mean[i]! < high![i]! && low![i]! < middle![i]! && middle![i]! < high![i]!,
      );
    }
    assert.throws(() => p.quantile(1.5), { name: 'CredenceError', code: 'E_OPTION' });
  });
});

describe('inference: what predictions are worth', () => {
  before(() => {
    tensorflow();
  });

  it('the nll is that of the mixture of the draws, by hand', () => {
    const { x, y } = clouds.train;
    const posterior = classifier();
    const { samples } = posterior.predict(x, { samples: 20 });
    const want = average(
      Array.from(y, (label, i) => -Math.log(average(drawsOf(samples, 2 * i + label, 120)))),
    );
    const scores = posterior.evaluate({ x, y }, { samples: 20 });
    assert.ok(Math.abs(scores.nll - want) < 1e-5, `${scores.nll}, ${want}`);
    assert.equal(scores.accuracy, accuracy(posterior.predict(x, { samples: 20 }).mean, y));
  });

  it('the nll of a regression is of all targets together, with the noise', () => {
    const { x, y } = curves.train;
    const posterior = regressor();
    const { samples } = posterior.predict(x, { samples: 20 });
    const noise = posterior.variables.get('likelihood.logNoise')!;
    const logDensity = (s: number, i: number): number =>
      [0, 1].reduce((sum, d) => {
        const z = (y[2 * i + d]! - samples[s * 120 + 2 * i + d]!) / Math.exp(noise[d]!);
        return sum - 0.5 * z * z - noise[d]! - 0.5 * Math.log(2 * Math.PI);
      }, 0);
    const want = average(
      Array.from(
        { length: 60 },
        (_, i) => -Math.log(average(Array.from({ length: 20 }, (_, s) => Math.exp(logDensity(s, i))))),
      ),
    );
    const { nll, rmse, coverage } = posterior.evaluate({ x, y }, { samples: 20 });
    assert.ok(Math.abs(nll - want) < 1e-5 * want, `${nll}, ${want}`);
    assert.ok(rmse > 0 && coverage > 0 && coverage <= 1);
  });

  it('refuses targets that do not fit', () => {
    assert.throws(() => classifier().evaluate({ x: xs(3), y: [0, 1, 2] }), { code: 'E_DATA' });
    assert.throws(() => classifier().evaluate({ x: xs(3), y: [0, 1] }), { code: 'E_SHAPE' });
  });

  it('predicts parts of the inputs one after the other as all together', async () => {
    const posterior = regressor();
    async function* parts() {
      for (const rows of [0, 1, 2])
        yield Promise.resolve(ndarray(xs(6).slice(4 * rows, 4 * rows + 4), [2, 2]));
    }
    const means: number[] = [];
    for await (const { mean } of posterior.predictEach(parts(), { samples: 8 })) means.push(...mean);
    assert.deepEqual(means, Array.from(posterior.predict(xs(6), { samples: 8 }).mean));
  });

  it('lets others have their turns between the calls of a long prediction', async () => {
    let turns = 0;
    let next = setImmediate(function others() {
      turns++;
      next = setImmediate(others);
    });
    const parts = regressor().predictEach([xs(3)], { samples: 64 }); // in four calls of 16 draws
    await parts.next();
    clearImmediate(next);
    assert.ok(turns >= 3, `${turns} turns`);
  });

  it('leaves no tensor behind where nobody waits for the rest of a prediction', () => {
    const posterior = regressor();
    const before = tf.memory().numTensors;
    const work = posterior.predicting(xs(3), { samples: 64 });
    work.next();
    assert.ok(tf.memory().numTensors > before);
    work.return(posterior.predict(xs(1)));
    assert.equal(tf.memory().numTensors, before);
  });
});
