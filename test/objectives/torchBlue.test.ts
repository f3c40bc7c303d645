/** What torch_blue trains on is the predictive objective, but for small numbers that it adds and a constant that it leaves out. */
import * as tf from '@tensorflow/tfjs';
import { likelihoods } from '../../lib/distributions';
import { tensorflow } from '../../lib/engine/tfjs/tensorflow';
import { elbo } from '../../lib/objectives/elbo';
import type { Share } from '../../lib/objectives/objective';
import { predictive } from '../../lib/objectives/predictive';
import { predictivePerWorker } from '../../lib/objectives/predictivePerWorker';
import { assertClose, golden } from '../golden';
import { refuses } from '../refuses';

interface Inputs {
  kind: 'categorical' | 'gaussian';
  outputs: number[][][];
  y: number[] | number[][];
  N: number;
}
interface Expected {
  log_prob: number[] | (number | 'NaN')[][];
  data_fitting: number | 'NaN';
  halves_data_fitting?: (number | 'NaN')[];
  halves_sizes?: number[];
  weighted_mean_of_halves?: number | 'NaN';
  per_sample_elbo_data_term?: number;
}
interface Case {
  /** All samples, and its parts of these sizes; each counts as its share of all. */
  whole: Share;
  partsOf(sizes: readonly number[]): Share[];
}

const halfLog2Pi = 0.5 * Math.log(2 * Math.PI);

function read({ kind, outputs, y }: Inputs): Case {
  const [all, samples, size] = [tf.tensor3d(outputs), outputs.length, y.length];
  const target = tf.tensor(y, undefined, kind === 'categorical' ? 'int32' : 'float32');
  const share = (outputs: tf.Tensor): Share => ({ outputs, y: target, parameters: [], samples, size });
  const partsOf = (sizes: readonly number[]): Share[] =>
    sizes.length > 0 ? tf.split(all, [...sizes], 0).map(share) : [];
  return { whole: share(all), partsOf };
}
const valueOf = (loss: tf.Tensor): number => loss.dataSync()[0]!;
/** A part as if it were all there is. */
const alone = (share: Share): Share => ({ ...share, samples: share.outputs.shape[0] });

describe('objectives: torch_blue', () => {
  before(() => {
    tensorflow();
  });

  for (const { name, inputs, expected, tolerance_f32: tolerance } of golden<Inputs, Expected>(
    'elbo',
    'torch_blue_objective',
  )) {
    const { N, outputs } = inputs;
    const { halves_sizes: sizes = [], halves_data_fitting: halves = [] } = expected;

    if (inputs.kind === 'categorical') {
      it(`elbo.json ${name}: mean probabilities, the label's with their 1e-5 added`, () => {
        const likelihood = likelihoods.categorical();
        const logProb = ({ outputs, y }: Share): number[] => {
          const logSum = likelihood.predictive!.statistics(outputs, y, []).dataSync<'float32'>();
          return Array.from(logSum, (each) => Math.log(Math.exp(each) / outputs.shape[0] + 1e-5));
        };
        const dataTerm = (share: Share): number =>
          (-N * logProb(share).reduce((a, b) => a + b)) / share.y.shape[0];
        const { whole, partsOf } = read(inputs);
        assertClose(logProb(whole), expected.log_prob, tolerance);
        assertClose(dataTerm(whole), expected.data_fitting, tolerance);
        partsOf(sizes).forEach((part, i) => assertClose(dataTerm(part), halves[i]!, tolerance));
        const perSample = N * valueOf(elbo(likelihood).loss(whole));
        assertClose(perSample, expected.per_sample_elbo_data_term!, tolerance);
      });
      continue;
    }

    const fitted = likelihoods.gaussian({ noise: 'fitted' });
    const constant = outputs[0]![0]!.length * halfLog2Pi;
    const inTheirs = (loss: number): number => N * (loss - constant);
    if (expected.data_fitting === 'NaN') {
      it(`elbo.json ${name}: refused, where theirs is NaN`, () => {
        refuses(() => predictive(fitted).loss(read(inputs).whole), 'E_OPTION', /at least 2, got 1/);
      });
      continue;
    }
    it(`elbo.json ${name}: the fitted normal distribution, but for log sqrt(2 pi)`, () => {
      const { whole, partsOf } = read(inputs);
      const statistics = fitted.predictive!.statistics(whole.outputs, whole.y, []);
      const nll = fitted.predictive!.nll(statistics, whole.y, outputs.length).dataSync<'float32'>();
      const want = (expected.log_prob as number[][]).map((row) => row.reduce((a, b) => a + b));
      assertClose(
        Array.from(nll, (each) => constant - each),
        want,
        tolerance,
      );
      const loss = (share: Share): number => inTheirs(valueOf(predictive(fitted).loss(share)));
      assertClose(loss(whole), expected.data_fitting, tolerance);
      const parts = partsOf(sizes);
      if (halves.includes('NaN')) {
        for (const part of parts) refuses(() => loss(alone(part)), 'E_OPTION', /at least 2, got 1/);
        return;
      }
      parts.forEach((part, i) => assertClose(loss(alone(part)), halves[i]!, tolerance));
      const perWorker = parts.map((part) => valueOf(predictivePerWorker(fitted).loss(part)));
      const mean = perWorker.reduce((a, b) => a + b);
      assertClose(inTheirs(mean), expected.weighted_mean_of_halves!, tolerance);
    });
  }

  interface Mixture {
    logits: number[][][];
    y: number[];
  }
  for (const { name, inputs, expected, tolerance_f32 } of golden<
    Mixture,
    { nll: number; mean_probs: number[][] }
  >('elbo', 'log_predictive')) {
    it(`elbo.json ${name}: minus the logarithm of mean probabilities`, () => {
      const { whole } = read({ kind: 'categorical', outputs: inputs.logits, y: inputs.y, N: 1 });
      const likelihood = likelihoods.categorical();
      assertClose(valueOf(predictive(likelihood).loss(whole)), expected.nll, tolerance_f32);
      const [probabilities] = likelihood.predict(whole.outputs, []);
      assertClose(tf.mean(probabilities!, 0).dataSync(), expected.mean_probs, tolerance_f32);
    });
  }
});
