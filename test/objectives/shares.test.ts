/** However the samples and data of a step are shared out, values and gradients of the shares add up to those of the whole. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { likelihoods } from '../../lib/distributions';
import type { Likelihood } from '../../lib/distributions/likelihood';
import { jit } from '../../lib/engine/compile/jit';
import { tensorflow } from '../../lib/engine/tfjs/tensorflow';
import type { EstimatorName } from '../../lib/inference/families/estimators';
import type { Batch, Others, Program } from '../../lib/inference/method';
import { vi } from '../../lib/inference/vi';
import { dense } from '../../lib/layers';
import { sequential } from '../../lib/layers/sequential';
import { type ObjectiveName, objectiveNames } from '../../lib/objectives';
import { sgd } from '../../lib/optimizers';
import { BATCH, clouds, curves } from '../problems';
import { keysOf, startVectors } from '../programs';

const SAMPLES = 6;
type Sizes = readonly number[];

interface Problem {
  likelihood: Likelihood;
  train: { x: Float32Array; y: Float32Array | Int32Array };
  targetShape: number[];
}
const regression = (noise: 'fitted' | 'learned'): Problem => ({
  likelihood: likelihoods.gaussian({ noise }),
  train: curves.train,
  targetShape: [2],
});
const problems: Record<string, Problem> = {
  categorical: { ...clouds, targetShape: [] },
  'Gaussian, learned noise': regression('learned'),
  'Student t, learned noise': { ...regression('learned'), likelihood: likelihoods.studentT() },
  'Gaussian, fitted noise': regression('fitted'),
};

/** Odd widths: a datum's noise does not fill its blocks. */
const model = sequential([dense({ units: 3, activation: 'tanh' }), dense({ units: 2 })]);
const programOf = (
  { likelihood, targetShape }: Problem,
  objective: ObjectiveName,
  estimator: EstimatorName,
) =>
  vi({ samples: SAMPLES, objective, estimator, initialStd: 0.6 }).build({
    model,
    likelihood,
    optimizer: sgd(),
    inputShape: [2],
    targetShape,
    size: 60,
    steps: 100,
    stepsPerEpoch: 10,
  });

interface Call {
  batch: Batch;
  worker: number;
}

/** The step in calls of these sizes, data by data and samples by samples. Each call is a worker, unless it is said whose it is. */
function share(
  program: Program,
  { train: { x, y }, targetShape }: Problem,
  sizes: { samples: Sizes; data: Sizes; workers?: Sizes },
): Call[][] {
  const all = {
    x: tf.tensor2d(x.slice(0, 2 * BATCH), [BATCH, 2]),
    y: tf.tensor(
      y.slice(0, (BATCH * y.length) / 60),
      [BATCH, ...targetShape],
      y instanceof Int32Array ? 'int32' : 'float32',
    ),
  };
  const key = [3, 4] as const;
  let first = 0;
  return sizes.data.map((data) => {
    const [rowsOfX, rowsOfY] = [all.x, all.y].map((rows) =>
      tf.slice(rows, [first, ...rows.shape.slice(1).map(() => 0)], [data, ...rows.shape.slice(1)]),
    );
    let firstSample = 0;
    const calls = sizes.samples.map((samples, i): Call => {
      const keys = keysOf(program, { key, step: 2, firstSample, samples });
      const numbers = tf.range(firstSample, firstSample + samples, 1, 'int32');
      firstSample += samples;
      const place = tf.scalar(first, 'int32');
      const step = tf.scalar(3);
      const batch = { x: rowsOfX!, y: rowsOfY!, keys, numbers, first: place, step, size: BATCH };
      return { batch, worker: sizes.workers?.[i] ?? i };
    });
    first += data;
    return calls;
  });
}

const samplesOf = ({ batch }: Call): number => batch.keys.shape[1]!;

/** What the call is told of the others that saw the same data; what it is not to read is NaN. */
function othersOf(
  program: Program,
  vectors: tf.Tensor[],
  calls: readonly Call[],
  own: Call,
): Others | undefined {
  const joined = calls.filter(({ worker }) => program.joins === 'step' || worker === own.worker);
  if (!program.statistics || joined.length === 1) return undefined;
  const reads = calls.map((call) => call !== own && joined.includes(call));
  const statistics = calls.map((call, i) => {
    const found = program.statistics!(vectors, call.batch);
    return reads[i] ? found : tf.fill(found.shape, NaN);
  });
  return {
    statistics: tf.stack(statistics),
    joined: tf.tensor1d(reads.map(Number)),
    samples: joined.reduce((sum, call) => sum + samplesOf(call), 0),
    calls: joined.length,
  };
}

/** Sums over all calls: value and gradients, in double precision. */
function sums(program: Program, groups: readonly (readonly Call[])[]): Float64Array[] {
  const vectors = startVectors(program).map((values) => tf.tensor1d(values));
  const each = groups.flatMap((calls) =>
    calls.map((call) => {
      const results = program.gradients(vectors, call.batch, othersOf(program, vectors, calls, call));
      return results.map((result) => result.dataSync<'float32'>());
    }),
  );
  return each[0]!.map((values, i) =>
    Float64Array.from(values, (_, j) => each.reduce((sum, results) => sum + results[i]![j]!, 0)),
  );
}

/** To 1e-5 of the largest number of each array. */
function assertSame(got: readonly Float64Array[], want: readonly Float64Array[], what: string): void {
  want.forEach((exact, i) => {
    const largest = exact.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    assert.ok(largest > 0, `${what}: array ${i} is zero`);
    exact.forEach((value, j) => {
      const off = Math.abs(got[i]![j]! - value);
      assert.ok(off <= 1e-5 * largest, `${what}, array ${i}[${j}]: ${got[i]![j]}, want ${value}`);
    });
  });
}

const sampleSizes: Sizes[] = [[3, 3], [4, 2], [1, 2, 3]]; // prettier-ignore
const dataSizes: Sizes[] = [[10, 10], [7, 7, 6]]; // prettier-ignore

describe('objectives: shares add up to the whole, to 1e-5', () => {
  before(() => {
    tensorflow();
  });
  const whole = { samples: [SAMPLES], data: [BATCH] };

  for (const [name, problem] of Object.entries(problems)) {
    for (const objective of objectiveNames) {
      if (objective === 'elbo' && name.includes('fitted')) continue; // refused
      const both = sampleSizes.flatMap((samples) => dataSizes.map((data) => ({ samples, data })));
      const ways =
        objective === 'predictivePerWorker'
          ? dataSizes.map((data) => ({ samples: [SAMPLES], data })) // its loss depends on how samples are shared
          : [
              ...sampleSizes.map((samples) => ({ samples, data: [BATCH] })),
              ...dataSizes.map((data) => ({ samples: [SAMPLES], data })),
              ...both,
            ];
      it(`${objective}, ${name}: ${ways.map(({ samples, data }) => `${samples.join('+')} of ${data.join('+')}`).join(', ')}`, () => {
        tf.tidy(() => {
          const program = programOf(problem, objective, 'auto');
          const want = sums(program, share(program, problem, whole));
          for (const sizes of ways) {
            assertSame(sums(program, share(program, problem, sizes)), want, JSON.stringify(sizes));
          }
        });
      });
    }

    it(`predictivePerWorker, ${name}: the calls of one worker are joined, those of others are not`, () => {
      tf.tidy(() => {
        const program = programOf(problem, 'predictivePerWorker', 'auto');
        const want = sums(program, share(program, problem, { samples: [3, 3], data: [BATCH] }));
        for (const data of [[BATCH], [7, 7, 6]]) {
          const calls = share(program, problem, { samples: [1, 2, 2, 1], data, workers: [0, 0, 1, 1] });
          assertSame(sums(program, calls), want, data.join('+'));
        }
        const joint = sums(program, share(program, problem, whole));
        assert.ok(Math.abs(joint[0]![0]! - want[0]![0]!) > 1e-3, 'of all samples the loss is another');
      });
    });
  }

  for (const estimator of ['weights', 'local', 'flipout'] as const) {
    it(`elbo, ${estimator}: the noise of a datum is that of its place in the whole batch`, () => {
      tf.tidy(() => {
        const problem = problems['categorical']!;
        const program = programOf(problem, 'elbo', estimator);
        const want = sums(program, share(program, problem, whole));
        for (const sizes of [
          { samples: [6], data: [7, 7, 6] },
          { samples: [4, 2], data: [13, 7] },
        ]) {
          assertSame(sums(program, share(program, problem, sizes)), want, JSON.stringify(sizes));
        }
      });
    });
  }

  it('compiled: statistics and gradients of calls, one function for all places in the batch', () => {
    const problem = problems['Gaussian, learned noise']!;
    const program = programOf(problem, 'predictive', 'auto');
    const calls = share(program, problem, { samples: [3, 3], data: [10, 10] }).flat();
    const rest = { step: tf.scalar(3), size: BATCH };
    const statistics = jit(
      (x, y, keys, numbers, first, ...vectors) =>
        program.statistics!(vectors, { x, y, keys, numbers, first, ...rest }),
      { xla: 'never' },
    );
    const gradients = jit(
      (x, y, keys, numbers, first, statistics, joined, ...vectors) => {
        const others = { statistics, joined, samples: SAMPLES, calls: 2 };
        return program.gradients(vectors, { x, y, keys, numbers, first, ...rest }, others);
      },
      { xla: 'never' },
    );
    const vectors = startVectors(program).map((values) => tf.tensor1d(values));
    const args = calls.map(
      ({ batch: { x, y, keys, numbers, first } }) => [x, y, keys, numbers, first] as const,
    );
    const found = args.map((each) => statistics(...each, ...vectors));
    const results = args.map((each, i) => {
      const half = i < 2 ? 0 : 2;
      const others = [tf.stack(found.slice(half, half + 2)), tf.tensor1d(i % 2 === 0 ? [0, 1] : [1, 0])];
      return gradients(...each, others[0]!, others[1]!, ...vectors).map((result) =>
        result.dataSync<'float32'>(),
      );
    });
    const got = results[0]!.map((values, i) =>
      Float64Array.from(values, (_, j) => results.reduce((sum, each) => sum + each[i]![j]!, 0)),
    );
    assertSame(got, sums(program, share(program, problem, whole)), 'compiled');
  });
});
