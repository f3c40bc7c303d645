import assert from 'node:assert/strict';
import { fit } from '../lib/fit';
import { CredenceError, type CredenceErrorCode } from '../lib/errors';
import { dense, flatten, type Layer } from '../lib/layers';
import { sequential } from '../lib/layers/sequential';
import { ndarray, type NdArray } from '../lib/ndarray';
import { sgd } from '../lib/optimizers';
import { activeRuns } from '../lib/runs/registry';
import { BATCH, clouds, curves, ENDLESS, options } from './problems';

const start = (given: Record<string, unknown> = {}, data: Partial<typeof clouds.train> = {}) =>
  fit(clouds.model, { ...clouds.train, ...data }, { ...options(), likelihood: clouds.likelihood, ...given });

/** These values with another one at one place. */
function changed<T extends Float32Array | Int32Array>(
  values: NdArray<T>,
  at: number,
  value: number,
): NdArray<T> {
  const copy = ndarray(values.slice() as T, values.shape);
  copy[at] = value;
  return copy;
}

describe('fit: what it refuses before anything starts', () => {
  const { x, y } = clouds.train;
  const refused: [what: string, make: () => unknown, code: CredenceErrorCode, message: RegExp][] = [
    ['NaN in x', () => start({}, { x: changed(x, 7, NaN) }), 'E_DATA', /x\[3\]\[1\] is NaN/],
    ['infinity in x', () => start({}, { x: changed(x, 0, Infinity) }), 'E_DATA', /x\[0\]\[0\] is Infinity/],
    [
      'NaN in y',
      () => fit(curves.model, { x, y: changed(curves.train.y, 2, NaN) }, { likelihood: curves.likelihood }),
      'E_DATA',
      /y\[1\]\[0\] is NaN/,
    ],
    [
      'a label out of range',
      () => start({}, { y: changed(y, 4, 3) }),
      'E_DATA',
      /label 3 at row 4 is not one of the model's 2 classes/,
    ],
    [
      'a model too large for memory',
      () =>
        fit(sequential([dense({ units: 2 ** 33 }), dense({ units: 2 })]), clouds.train, {
          likelihood: clouds.likelihood,
        }),
      'E_MEMORY',
      /not enough memory to train: the model learns [\d,]+ numbers, of which training keeps \d+ copies, [\d.]+ GB/,
    ],
    [
      'x and y of different length',
      () => start({}, { y: y.slice(1) as typeof y }),
      'E_SHAPE',
      /x has 60 rows, but y has 59/,
    ],
    [
      'no data',
      () => fit(clouds.model, { x: [], y: [] }, { likelihood: clouds.likelihood }),
      'E_SHAPE',
      /x is empty/,
    ],
    [
      'data without y',
      () => start({}, { y: undefined }),
      'E_DATA',
      /y must be a typed array, .* got undefined/,
    ],
    [
      'a model without parameters',
      () => fit(flatten(), clouds.train, { likelihood: clouds.likelihood }),
      'E_OPTION',
      /nothing to learn/,
    ],
    [
      'images for a dense layer',
      () => fit(clouds.model, { x: [[[1, 2]]], y: [0] }, { likelihood: clouds.likelihood }),
      'E_SHAPE',
      /layers\.flatten\(\)/,
    ],
    [
      'outputs that do not fit the likelihood',
      () => fit(flatten(), clouds.train, { likelihood: curves.likelihood }),
      'E_SHAPE',
      /targets of size 1 need a model with 1 outputs/,
    ],
    [
      'batchSize 0',
      () => start({ batchSize: 0 }),
      'E_OPTION',
      /^fit: option 'batchSize' must be a whole number of at least 1, got 0$/,
    ],
    [
      'epochs 0.5',
      () => start({ epochs: 0.5 }),
      'E_OPTION',
      /^fit: option 'epochs' must be a whole number of at least 1, got 0\.5$/,
    ],
    ['a seed below 0', () => start({ seed: -1 }), 'E_OPTION', /'seed' must be a whole number of at least 0/],
    [
      'no workers',
      () => start({ devices: 0 }),
      'E_OPTION',
      /'devices' must be 'all' or a number of workers of at least 1, got 0/,
    ],
    [
      'more workers than samples',
      () => start({ devices: 9 }),
      'E_OPTION',
      /9 workers cannot share 6 samples/,
    ],
    [
      'a strategy that there is not',
      () => start({ strategy: 'model' }),
      'E_OPTION',
      /'strategy' must be 'sample', 'data', 'auto' or a mesh/,
    ],
    [
      'a misspelt option',
      () => start({ epocs: 3 }),
      'E_OPTION',
      /^fit: unknown option 'epocs'\. Did you mean 'epochs'\?/,
    ],
    [
      'no likelihood',
      () => start({ likelihood: undefined }),
      'E_OPTION',
      /'likelihood'.*likelihoods\.categorical\(\)/,
    ],
    [
      'an optimiser by name',
      () => start({ optimizer: 'adam' }),
      'E_OPTION',
      /'optimizer' must be an optimiser, such as adam\(1e-3\), got "adam"/,
    ],
    [
      'a method that is not called',
      () => start({ method: () => 1 }),
      'E_OPTION',
      /'method' must be a method, such as vi\(\), got a function/,
    ],
    ['no options', () => fit(clouds.model, clouds.train, undefined as never), 'E_OPTION', /fit/],
    [
      'no model',
      () => fit(undefined as unknown as Layer, clouds.train, { likelihood: clouds.likelihood }),
      'E_OPTION',
      /fit: the model must be a layer, such as sequential/,
    ],
    [
      'validation labels out of range',
      () => start({ validation: { x: [[0, 0]], y: [5] } }),
      'E_DATA',
      /label 5 at row 0/,
    ],
    [
      'validation data of another shape',
      () => start({ validation: { x: [[0, 0, 0]], y: [1] } }),
      'E_SHAPE',
      /validation.*\[N, 2\].*\[N, 3\]/,
    ],
  ];
  for (const [what, make, code, message] of refused) {
    it(what, () => {
      assert.throws(make, (error) => {
        assert.ok(error instanceof CredenceError, String(error));
        assert.equal(error.code, code);
        assert.match(error.message, message);
        assert.equal(error.message.split('\n').length, 1);
        return true;
      });
      assert.deepEqual(activeRuns(), []);
    });
  }

  it('a model that cannot be compiled', () => {
    const peeking: Layer = {
      name: 'peeking',
      build: () => ({
        parameters: [],
        outputShape: [2],
        apply: (_, x) => {
          x.dataSync();
          return x;
        },
      }),
    };
    const model = sequential([dense({ units: 2 }), peeking]);
    assert.throws(() => fit(model, clouds.train, { likelihood: clouds.likelihood }), {
      code: 'E_TRACE',
      message: /a value was read/,
    });
    assert.deepEqual(activeRuns(), []);
  });
});

describe('fit: data and steps', () => {
  it('takes nested lists, one feature a row, and batches of at most all data', async () => {
    const run = fit(
      curves.model,
      {
        x: [0, 1, 2, 3],
        y: [
          [0, 0],
          [1, 1],
          [4, 2],
          [9, 3],
        ],
      },
      { ...options(), likelihood: curves.likelihood, batchSize: 100, epochs: 2 },
    );
    const posterior = await run.done;
    assert.deepEqual([run.step, run.plan.stepsPerEpoch], [2, 1]);
    assert.deepEqual(posterior.predict([1, 2, 3]).mean.shape, [3, 2]);
  });

  it('counts steps over the ends of epochs', async () => {
    const run = start({ batchSize: BATCH, epochs: 5, devices: 'all' });
    assert.equal(run.plan.steps, 15);
    await run.done;
    assert.equal(run.step, 15);
  });

  it('gives the same posterior for the same seed, another for another', async () => {
    const learned = async (seed: number) =>
      Array.from((await start({ seed, epochs: 3 }).done).variables.get('1.dense.kernel.mean')!);
    assert.deepEqual(await learned(1), await learned(1));
    assert.notDeepEqual(await learned(1), await learned(2));
  });
});

describe('fit: training that diverges', () => {
  for (const devices of [1, 2]) {
    it(`on ${devices} worker${devices > 1 ? 's' : ''} fails with E_DIVERGED and keeps the weights that made sense last`, async () => {
      const run = start({ optimizer: sgd(1e12), epochs: ENDLESS, devices });
      await assert.rejects(run.done, {
        name: 'CredenceError',
        code: 'E_DIVERGED',
        message: /training diverged: at step \d+ .*smaller learning rate/,
      });
      assert.equal(run.state, 'failed');
      assert.ok(run.step < 100);
      assert.ok([...run.history.nll, ...run.history.kl].every(Number.isFinite));
      assert.ok([...run.posterior.variables.values()].every((values) => values.every(Number.isFinite)));
      assert.ok(run.posterior.predict(clouds.train.x).mean.every(Number.isFinite));
    });
  }
});
