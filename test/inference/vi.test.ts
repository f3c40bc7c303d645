import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { likelihoods, priors } from '../../lib/distributions';
import { jit } from '../../lib/engine/compile/jit';
import { tensorflow } from '../../lib/engine/tfjs/tensorflow';
import type { Problem, Vector } from '../../lib/inference/method';
import { vi, type ViOptions } from '../../lib/inference/vi';
import { dense } from '../../lib/layers';
import { sequential } from '../../lib/layers/sequential';
import { adam, sgd } from '../../lib/optimizers';
import { assertClose } from '../golden';
import { startVectors, variablesOf } from '../programs';

const problem = (given: Partial<Problem> = {}): Problem => ({
  model: sequential([dense({ units: 100 }), dense({ units: 1, bayesian: false })]),
  likelihood: likelihoods.gaussian(),
  optimizer: adam(),
  inputShape: [25],
  targetShape: [1],
  size: 10,
  steps: 100,
  stepsPerEpoch: 10,
  ...given,
});

describe('inference: vi sets up', () => {
  const program = vi({ samples: 3, initialStd: 0.1 }).build(problem());
  const { variables, samples, slots, draws } = program;

  it('a mean and a log standard deviation for each Bayesian parameter, one value for the others and for the noise', () => {
    assert.deepEqual(
      variables.map(({ name, shape }) => [name, ...shape].join()),
      [
        '0.dense.kernel.mean,25,100',
        '0.dense.kernel.logStd,25,100',
        '0.dense.bias.mean,100',
        '0.dense.bias.logStd,100',
        '1.dense.kernel,100,1',
        '1.dense.bias,1',
        'likelihood.logNoise,1',
      ],
    );
    assert.deepEqual([samples, slots, draws], [3, 2, Infinity]);
  });

  it('means that are uniform in ±1/sqrt(fan-in), standard deviations initialStd times that', () => {
    const [mean, logStd, bias] = variablesOf(program, startVectors(program)).values();
    const sorted = mean!.toSorted();
    assert.ok(sorted[0]! >= -0.2 && sorted.at(-1)! <= 0.2);
    // 2500 numbers: the quartiles of the uniform distribution to four standard errors, 0.4 sqrt(0.1875 / 2500) = 0.0035
    assertClose([sorted[625], sorted[1250], sorted[1875]], [-0.1, 0, 0.1], 0.014);
    assertClose(logStd!, new Array<number>(2500).fill(Math.log(0.1 / 5)), 1e-6);
    assert.notDeepEqual(mean!.slice(0, 100), bias);
  });

  it('standard deviations by a function of fan-in', () => {
    const program = vi({ initialStd: (fanIn) => 3 / fanIn }).build(problem());
    const logStd = variablesOf(program, startVectors(program)).get('0.dense.kernel.logStd')!;
    assert.ok(logStd.every((value) => value === Math.fround(Math.log(3 / 25))));
  });

  it('other means for another seed, the same for the same', () => {
    const [{ initial }] = program.vectors as [Vector];
    assert.deepEqual(initial(4), initial(4));
    assert.notDeepEqual(initial(4), initial(5));
  });

  it('one sample where no parameter is Bayesian', () => {
    const model = dense({ units: 1, bayesian: false });
    const { samples, draws } = vi({ samples: 8 }).build(problem({ model }));
    assert.deepEqual([samples, draws], [1, 1]);
  });
});

describe('inference: the update of vi', () => {
  it('adds the gradient of klWeight KL / N, and reports klWeight KL / N', () => {
    tensorflow();
    const [lr, klWeight, size, prior] = [0.5, 0.3, 7, { mean: 0.2, std: 2 }];
    const model = dense({ units: 1, bias: false });
    const program = vi({ klWeight, prior: priors.normal(prior.mean, prior.std) }).build(
      problem({ model, optimizer: sgd(lr), inputShape: [2], size }),
    );
    const [mean, logStd, gMean, gLogStd, noise, gNoise] = [
      [0.4, -1],
      [-1, 0.5],
      [0.1, -0.2],
      [0.3, 0.7],
      [-0.7],
      [2],
    ] as const;
    const update = jit((...[step, ...rest]: tf.Tensor[]) =>
      program.update(rest.slice(0, 3), rest.slice(3), [], step!),
    );
    const vectors = [gMean, gLogStd, gNoise, mean, logStd, noise].map((values) => tf.tensor1d([...values]));
    const results = update(tf.scalar(1), ...vectors);

    const share = klWeight / size;
    const variance = logStd.map((s) => Math.exp(2 * s));
    const kl = mean.map(
      (m, i) =>
        Math.log(prior.std) -
        logStd[i]! +
        (variance[i]! + (m - prior.mean) ** 2) / (2 * prior.std ** 2) -
        0.5,
    );
    const want = [
      [share * (kl[0]! + kl[1]!)],
      mean.map((m, i) => m - lr * (gMean[i]! + (share * (m - prior.mean)) / prior.std ** 2)),
      logStd.map((s, i) => s - lr * (gLogStd[i]! + share * (variance[i]! / prior.std ** 2 - 1))),
      [noise[0] - lr * 2],
    ];
    assert.equal(results.length, 4);
    results.forEach((result, i) => assertClose(result.dataSync(), want[i]!, 1e-6));
  });
});

/** [kl, mean, logStd, noise] after a step from these vectors, with these gradients. */
function updated(
  given: ViOptions,
  { gradients, vectors, step = 1 }: { gradients: number[][]; vectors: number[][]; step?: number },
): number[][] {
  const model = dense({ units: 1, bias: false });
  const program = vi(given).build(problem({ model, optimizer: sgd(0.5), inputShape: [4], size: 7 }));
  const update = jit((...[step, ...rest]: tf.Tensor[]) =>
    program.update(rest.slice(0, 3), rest.slice(3), [], step!),
  );
  const args = [...gradients, ...vectors].map((values) => tf.tensor1d(values));
  return update(tf.scalar(step), ...args).map((result) => [...result.dataSync()]);
}
const state = {
  gradients: [[0.1, -0.2, 0.5, 0], [0.3, 0.7, -1, 0.1], [2]],
  vectors: [[0.4, -1, 0.01, 2], [-1, 0.5, -3, -2], [-0.7]],
};
const allPriors = [
  priors.normal(0.2, 2),
  priors.laplace(),
  priors.studentT(),
  priors.scaleMixture(),
  priors.logUniform(),
  priors.uniform(),
  priors.quiet(),
];

describe('inference: the update of vi is elementwise', () => {
  before(() => {
    tensorflow();
  });
  for (const prior of allPriors) {
    it(`with ${prior.name}: parts of the vectors make the same steps, and their divergences add up`, () => {
      const cut = (from: number, to: number) => (vector: number[]) =>
        vector.length === 1 ? vector : vector.slice(from, to);
      const part = (from: number, to: number) =>
        updated(
          { prior },
          {
            gradients: state.gradients.map(cut(from, to)),
            vectors: state.vectors.map(cut(from, to)),
            step: 9,
          },
        );
      const [whole, left, right] = [updated({ prior }, { ...state, step: 9 }), part(0, 1), part(1, 4)];
      assertClose(left[0]![0]! + right[0]![0]!, whole[0]!, 1e-6);
      for (const i of [1, 2]) assertClose([...left[i]!, ...right[i]!], whole[i]!, 1e-6);
      assert.ok(whole.flat().every(Number.isFinite));
    });
  }
});

describe('inference: the klWeight of vi', () => {
  before(() => {
    tensorflow();
  });
  const klOf = (klWeight: ViOptions['klWeight'], step: number): number =>
    updated({ klWeight }, { ...state, step })[0]![0]!;

  it('goes evenly from one value to another by the number of the step, and stays there', () => {
    const full = klOf(1, 1);
    const annealed = { from: 0.2, to: 0.6, steps: 4 };
    for (const [step, weight] of [
      [1, 0.2],
      [2, 0.3],
      [4, 0.5],
      [5, 0.6],
      [6, 0.6],
      [1e6, 0.6],
    ] as const) {
      assertClose(klOf(annealed, step) / full, weight, 1e-6);
    }
  });

  it('warms up from 0 to 1 where only the steps are given', () => {
    assert.equal(klOf({ steps: 10 }, 1), 0);
    assertClose(klOf({ steps: 10 }, 6) / klOf(1, 1), 0.5, 1e-6);
  });

  it('weighs the gradients as well: with 0 only those of the data are left', () => {
    const moved = (klWeight: ViOptions['klWeight']) => updated({ klWeight }, { ...state, step: 1 });
    const want = state.vectors.map((values, v) =>
      values.map((value, i) => value - 0.5 * state.gradients[v]![i]!),
    );
    for (const klWeight of [0, { steps: 5 }]) assertClose(moved(klWeight).slice(1), want, 1e-6);
    assert.ok(Math.abs(moved(1)[1]![0]! - want[0]![0]!) > 1e-3);
  });
});

describe('inference: the name of vi', () => {
  it('tells every setting, lest a run goes on with others', () => {
    const names = [
      {},
      { samples: 4 },
      { objective: 'predictive' },
      { estimator: 'weights' },
      { klWeight: 0.5 },
      { klWeight: { steps: 10 } },
      { klWeight: { steps: 20 } },
      { klWeight: { from: 0.1, steps: 20 } },
      { klWeight: { to: 0.1, steps: 20 } },
      { initialStd: 0.1 },
      ...allPriors.map((prior) => ({ prior })),
    ].map((given) => vi(given as ViOptions).name);
    assert.equal(new Set(names).size, names.length, names.join('\n'));
    assert.equal(names[0], 'vi (8 samples, elbo, auto, prior N(0, 1²), klWeight 1, initialStd 0.5)');
    assert.match(names[7]!, /klWeight 0\.1 to 1 in 20 steps/);
  });
});

describe('inference: vi refuses', () => {
  const refused: [given: Record<string, unknown>, message: RegExp][] = [
    [{ samples: 0 }, /^vi: option 'samples' must be a whole number of at least 1, got 0$/],
    [{ samples: 2.5 }, /'samples' must be a whole number/],
    [
      { prior: 'normal' },
      /'prior' must be a prior, such as priors\.normal\(0, 1\), or a function that gives one for each parameter, got "normal"/,
    ],
    [{ prior: priors.normal }, /priors\.normal: mean: must be a number, got an object/], // it is not called
    [{ prior: { name: 'without density' } }, /'prior' must be a prior/],
    [
      { estimator: 'globl' },
      /'estimator' must be \("auto" \| "weights" \| "local" \| "flipout"\), got "globl"/,
    ],
    [
      { objective: 'predictiv' },
      /'objective' must be \("elbo" \| "predictive" \| "predictivePerWorker"\), got "predictiv"/,
    ],
    [{ klWeight: -1 }, /'klWeight' must be at least 0, got -1/],
    [
      { klWeight: 'warm-up' },
      /'klWeight' must be a number of at least 0, or \{ from, to, steps \}, got "warm-up"/,
    ],
    [{ klWeight: {} }, /'klWeight\.steps' is missing/],
    [{ klWeight: { steps: 0 } }, /'klWeight\.steps' must be a whole number of at least 1, got 0/],
    [{ klWeight: { from: -1, steps: 3 } }, /'klWeight\.from' must be at least 0, got -1/],
    [{ klWeight: { start: 0, steps: 3 } }, /'klWeight\.start' must not be there: klWeight must be a number/],
    [{ initialStd: 0 }, /'initialStd' must be a number above 0, got 0/],
    [{ sample: 8 }, /^vi: unknown option 'sample'\. Did you mean 'samples'\?/],
  ];
  for (const [given, message] of refused) {
    it(JSON.stringify(given), () => {
      assert.throws(() => vi(given), { name: 'CredenceError', code: 'E_OPTION', message });
    });
  }
});
