import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { CredenceError } from '../../errors';
import { sizeOf } from '../../ndarray';
import { count, positive, share, validate } from '../../validate';
import type { Use } from '../families/family';
import { answers, type Parts, partsOf } from '../learning';
import { Members } from '../families/members';
import type { Draws, Keeping, Learned, Method, Problem, Program, Trained, Variable } from '../method';
import { keysOf } from '../families/noise';
import { pointEntries, type PointOptions, points } from '../points';
import { priorName } from '../priorOption';
import { standardNormals } from '../families/sampling';
import { momentsOf } from './swagMoments';

/** Options of {@link swag}. */
export interface SwagOptions extends PointOptions {
  /** Models that are trained side by side, each from a start of its own, and predict together: multi-SWAG. Default 1. */
  members?: number;
  /** The share of the steps after which weights are kept. Default 0.75. */
  from?: number;
  /** Epochs from one time to the next. Default 1. */
  every?: number;
  /** How many of the last kept weights give the covariance beside its diagonal. Default 20. */
  rank?: number;
  /** Factor of the covariance. Default 1. */
  scale?: number;
}

const options = v.strictObject({
  ...pointEntries,
  members: v.optional(count(1), 1),
  from: v.optional(share(), 0.75),
  every: v.optional(positive(), 1),
  rank: v.optional(count(2), 20),
  scale: v.optional(positive(), 1),
});

type Settings = Required<SwagOptions>;

/**
 * mean + sqrt(scale / 2) (std z1 + z2 deviations), [S, size]: Maddox et al. 2019, eq. 1.
 * @param deviations [rank, size], over the root of their number less one, see `momentsOf`
 * @param z standard normals, [S, size] and [S, rank]
 */
export const swagDraws = (
  { mean, std, deviations }: { mean: tf.Tensor; std: tf.Tensor; deviations: tf.Tensor },
  z: readonly [tf.Tensor, tf.Tensor],
  scale: number,
): tf.Tensor =>
  tf.add(mean, tf.mul(tf.add(tf.mul(std, z[0]), tf.matMul(z[1], deviations)), Math.sqrt(scale / 2)));

/** Draws for predictions by what was learned: means, standard deviations and deviations, then the values of what is not Bayesian. */
class SwagFamily extends Members {
  override readonly drawnNumbers: number;
  private readonly sizes: readonly number[];
  /** That of the normals of the diagonal; those of the deviations follow. */
  private readonly stream: number;

  constructor(
    parts: Parts,
    private readonly models: number,
    private readonly rank: number,
    private readonly scale: number,
  ) {
    super(parts.parameters, parts.noise, models);
    this.stream = parts.noise.length;
    this.sizes = parts.parameters.filter(({ bayesian }) => bayesian).map(({ shape }) => sizeOf(shape));
    this.drawnNumbers = this.sizes.reduce((sum, size) => sum + size, 0);
  }

  override cut(vectors: readonly tf.Tensor[], { keys, numbers }: Draws, use: Use): tf.Tensor[] {
    if (use === 'training') return super.cut(vectors, { keys, numbers }, use);
    const [mean, std, deviations, ...plain] = vectors as [tf.Tensor, tf.Tensor, tf.Tensor, ...tf.Tensor[]];
    const { models, rank, scale, sizes, stream } = this;
    const member = tf.mod(numbers, tf.scalar(models, 'int32'));
    const [means, stds] = [mean, std].map((each) =>
      super.cut([each, ...plain], { keys, numbers: member }, use),
    );
    const normals = (stream: number, length: number): tf.Tensor =>
      tf.reshape(standardNormals(keysOf(keys, stream), [1, length], tf.scalar(0, 'int32')), [-1, length]);
    const diagonal = tf.split(normals(stream, this.drawnNumbers), [...sizes], 1);
    // of the deviations of all members, those of a draw's own
    const isOwn = tf.equal(tf.expandDims(member, 1), tf.range(0, models, 1, 'int32'));
    const own = tf.mul(
      tf.expandDims(tf.cast(isOwn, 'float32'), 2),
      tf.expandDims(normals(stream + 1, rank), 1),
    );
    const z2 = tf.reshape(own, [-1, models * rank]);
    const all = tf.split(
      deviations,
      sizes.map((size) => size * models * rank),
    );
    return means!.map((mean, i) => {
      if (i >= sizes.length) return mean;
      const around = { mean, std: stds![i]!, deviations: tf.reshape(all[i]!, [models * rank, sizes[i]!]) };
      return swagDraws(around, [diagonal[i]!, z2], scale);
    });
  }
}

/** @throws CredenceError E_OPTION if weights would not be kept twice */
function keepingOf({ from, every }: Settings, { steps, stepsPerEpoch }: Problem): Keeping {
  const first = Math.max(1, Math.round(from * steps));
  const apart = Math.max(1, Math.round(every * stepsPerEpoch));
  const times = 1 + Math.floor((steps - first) / apart);
  if (times >= 2) return { from: first, every: apart, count: times };
  throw new CredenceError(
    'E_OPTION',
    `swag: weights are kept from step ${first} of ${steps} on, every ${apart}: that is once, and at least twice is needed. Give fit more epochs, or make 'every' or 'from' smaller`,
  );
}

/** The moments of what is kept; of nothing kept, the present weights for certain. */
function learn(
  { vectors, kept }: Trained,
  variables: readonly Variable[],
  members: number,
  rank: number,
): Learned {
  const isKnown = kept.length >= 2;
  const sets = isKnown ? kept : [kept[0] ?? vectors];
  const { mean, std, deviations } = momentsOf(
    sets.map(([weights]) => weights!),
    rank,
  );
  const plain = vectors.slice(1).map((_, i) => momentsOf(sets.map((set) => set[i + 1]!)).mean);
  const length = mean.length;
  const together = new Float32Array(rank * length);
  const named = variables.flatMap((variable): Variable[] => {
    const { name, shape, vector, offset } = variable;
    if (vector > 0) return [{ ...variable, vector: vector + 2 }];
    const size = sizeOf(shape) / members;
    const [models, own] = members === 1 ? [[], shape] : [[members], shape.slice(1)];
    deviations.forEach((deviation, row) => {
      for (let member = 0; member < members; member++) {
        const from = offset + member * size;
        together.set(deviation.subarray(from, from + size), offset * rank + (member * rank + row) * size);
      }
    });
    return [
      { name: `${name}.mean`, shape, vector: 0, offset },
      { name: `${name}.std`, shape, vector: 1, offset },
      { name: `${name}.deviations`, shape: [...models, rank, ...own], vector: 2, offset: offset * rank },
    ];
  });
  return {
    vectors: [mean, std, together, ...plain],
    variables: named,
    draws: isKnown ? Infinity : members,
  };
}

function build(settings: Settings, problem: Problem): Program {
  const { prior, members, scale } = settings;
  const parts = partsOf(problem);
  if (!parts.parameters.some(({ bayesian }) => bayesian)) {
    throw new CredenceError(
      'E_OPTION',
      'swag: the model has no Bayesian parameters, and the covariance would be of nothing: leave out bayesian: false in some layer, or use map()',
    );
  }
  const keeping = keepingOf(settings, problem);
  const rank = Math.min(settings.rank, keeping.count);
  const program = points(problem, { prior, members });
  return {
    ...program,
    streams: parts.noise.length + 2,
    keeping,
    learn: (trained) => learn(trained, program.variables, members, rank),
    ...answers(new SwagFamily(parts, members, rank, scale), parts),
  };
}

/**
 * SWA-Gaussian: a network is trained as ever, and the weights that the last part of training goes through, once an epoch, give the
 * posterior: a normal distribution with their mean, half of their variances, and half of the covariance of the last of them around their running
 * mean (Maddox et al., "A simple baseline for Bayesian uncertainty in deep learning", 2019). `sgd` with a step size that is large enough to
 * keep moving is what it was made for. With `members` it is multi-SWAG (Wilson and Izmailov 2020). Parameters of the likelihood and
 * those that are not Bayesian are averaged.
 *
 * `posterior.variables` has the mean, the standard deviation and the deviations of each weight, over the root of their number less one: the
 * covariance is scale (diag(std²) + deviations' deviations) / 2.
 * @throws CredenceError E_OPTION
 */
export function swag(given: SwagOptions = {}): Method {
  const settings = validate(options, given, 'swag');
  const { prior, members, from, every, rank, scale } = settings;
  return {
    name: `swag (${members} members, from ${from}, every ${every} epochs, rank ${rank}, scale ${scale}, prior ${priorName(prior)})`,
    build: (problem) => build(settings, problem),
  };
}
