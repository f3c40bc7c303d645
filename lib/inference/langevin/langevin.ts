/** What samplers have in common that follow a noisy gradient: Langevin dynamics, with and without momentum. */
import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { normal } from '../../distributions/normal';
import { CredenceError } from '../../errors';
import { sizeOf } from '../../ndarray';
import type { Transform } from '../../optimizers/transform';
import { count, nonNegative, positive, share, validate } from '../../validate';
import { chainDraws } from './chainDraws';
import { answers, partsOf } from '../learning';
import { Members } from '../families/members';
import type { Batch, Method, Problem, Program } from '../method';
import { keysOf } from '../families/noise';
import { points } from '../points';
import { priorName, type PriorOption, priorOption } from '../priorOption';
import { standardNormals } from '../families/sampling';
import { keepingOf, scheduled, scheduleName, type StepSchedule, stepScheduleSchema } from './stepSchedule';

/** Options of the samplers that follow a noisy gradient: {@link sgld} and {@link sghmc}. */
export interface LangevinOptions {
  /** Markov chains, which start apart and know nothing of each other; workers share them out as samples. Default 4. */
  chains?: number;
  /** What is believed of each weight beforehand; a function gives that of each parameter. Default `priors.normal(0, 1)`. */
  prior?: PriorOption;
  /**
   * Factor of the gradient of the loss per datum in each step, as the learning rate of `sgd`. A step that is too long makes the draws too
   * wide, one that is too short makes them too much alike. Default 1e-3.
   */
  stepSize?: number;
  /** How the step size changes: 'constant' (default), `{ power, after }`, or `{ cycles, explore }`. */
  schedule?: StepSchedule;
  /** Factor of the variance of the noise: below 1 the posterior is 'cold', narrower than it should be; 0 is no noise at all. Default 1. */
  temperature?: number;
  /**
   * Variance that mini-batches give each element of the gradient of the loss per datum, about that of a datum's own gradient over the batch
   * size. The noise of a step is made as much weaker, so that longer steps still draw from the posterior. Default 0: it is ignored.
   */
  gradientNoise?: number;
  /** The first share of the steps, of which no draw is kept: it takes the chains to the posterior. Default 0.5. */
  burnIn?: number;
  /** Draws of each chain that are kept, evenly over the steps after the burn-in. Default 32. */
  keep?: number;
}

const entries = {
  chains: v.optional(count(1), 4),
  prior: v.optional(priorOption, () => normal(0, 1)),
  schedule: v.optional(stepScheduleSchema, 'constant'),
  temperature: v.optional(nonNegative(), 1),
  gradientNoise: v.optional(nonNegative(), 0),
  stepSize: v.optional(positive(), 1e-3),
  burnIn: v.optional(share(), 0.5),
  keep: v.optional(count(1), 32),
};

/** Standard deviation of what is believed of a parameter of the likelihood, mostly a logarithm, around its start: as of `hmc`. */
const LIKELIHOOD_STD = 3;

interface Settings extends Required<LangevinOptions> {
  /** The share of the velocity that a step loses. 1: there is no velocity. */
  friction: number;
}

/**
 * v <- (1 - friction) v - size gradient, w <- w + v: as plain gradient descent with momentum. The weights follow the new velocity; with
 * the old one, and the gradient where they were, the draws would be wider by friction / (friction - size curvature).
 */
const dynamics = (friction: number, size: (step: tf.Tensor) => tf.Tensor): Transform => ({
  slots: friction === 1 ? 0 : 1,
  update(gradient, [velocity], step) {
    const push = tf.neg(tf.mul(gradient, size(step)));
    if (!velocity) return { update: push, slots: [] };
    const next = tf.add(tf.mul(velocity, 1 - friction), push);
    return { update: next, slots: [next] };
  },
});

type Noisy = Pick<Settings, 'friction' | 'temperature' | 'gradientNoise'>;

/**
 * Standard deviation of noise that, as part of the gradient of the loss per datum, keeps a step of this size at the posterior of N data:
 * with the gradient's own, the noise of the velocity has variance 2 friction temperature size / N.
 */
export const noiseStd = (
  { friction, temperature, gradientNoise }: Noisy,
  size: tf.Tensor,
  data: number,
): tf.Tensor => {
  const all = tf.div((2 * friction * temperature) / data, size);
  return tf.sqrt(tf.relu(tf.sub(all, gradientNoise))); // rounding may take it below 0
};

/** @throws CredenceError E_OPTION if the gradient alone is noisier than the longest step may be */
function checkNoise(
  what: string,
  { gradientNoise, stepSize, friction, temperature }: Settings,
  data: number,
) {
  const limit = (2 * friction * temperature) / (data * stepSize);
  if (gradientNoise === 0 || gradientNoise < limit) return;
  throw new CredenceError(
    'E_OPTION',
    `${what}: option 'gradientNoise' must be below ${limit.toPrecision(3)} for this step size and ${data} data, got ${gradientNoise}: there would be no noise left to add. Make stepSize smaller, or the batches larger`,
  );
}

function build(what: string, settings: Settings, problem: Problem): Program {
  const { chains, prior, stepSize, schedule, friction } = settings;
  const { size: data, steps } = problem;
  checkNoise(what, settings, data);
  const keeping = keepingOf(what, schedule, settings, steps);
  const { size, noise } = scheduled(schedule, steps);
  const sizeAt = (step: tf.Tensor): tf.Tensor => tf.mul(size(step), stepSize);
  const learningRate = schedule === 'constant' ? stepSize : sizeAt;
  const program = points(
    { ...problem, optimizer: { name: what, learningRate, ...dynamics(friction, sizeAt) } },
    { prior, members: chains },
  );

  const parts = partsOf(problem);
  const ofLikelihood = new Set(parts.parameters.slice(parts.built.parameters.length));
  const family = new Members(parts.parameters, parts.noise, chains);
  const sizes = family.parameters.map(({ shape }) => sizeOf(shape));

  /** What there is beside the gradient of the data: noise, and the prior of the likelihood's parameters. This call's share, [S, size] each. */
  const forces = (vectors: readonly tf.Tensor[], batch: Batch): tf.Tensor[] => {
    const { x, keys, step } = batch;
    // calls of all workers that see some of the batch add up; what is done to the mean over the chains is done to each
    const share = x.shape[0] / batch.size / chains;
    const total = sizes.reduce((sum, each) => sum + each, 0);
    const std = tf.mul(noiseStd(settings, sizeAt(step), data), tf.mul(noise(step), -share));
    const normals = standardNormals(keysOf(keys, program.streams), [1, total], tf.scalar(0, 'int32'));
    const shaking = tf.split(tf.mul(tf.reshape(normals, [-1, total]), std), sizes, 1);
    const values = family.cut(vectors, batch, 'training');
    return family.parameters.map((parameter, i) => {
      const pull = share / (LIKELIHOOD_STD ** 2 * data);
      if (!ofLikelihood.has(parameter)) return parameter.bayesian ? shaking[i]! : tf.zerosLike(values[i]!);
      const away = tf.sub(values[i]!, parameter.initial);
      return tf.add(shaking[i]!, tf.mul(away, pull));
    });
  };

  const room = keeping.count;
  const drawn = new Members(parts.parameters, parts.noise, chains * room);
  delete program.gradientPieces;
  return {
    ...program,
    streams: program.streams + 1,
    gradients(vectors, batch) {
      const [nll, ...gradients] = program.gradients(vectors, batch);
      const others = family.join(forces(vectors, batch), batch);
      return [nll!, ...gradients.map((gradient, i) => tf.add(gradient, others[i]!))];
    },
    keeping,
    learn: (trained) => chainDraws({ chains, room, variables: program.variables }, trained),
    ...answers(drawn, parts),
  };
}

/**
 * Such a sampler as a method. @param what its name
 * @throws CredenceError E_OPTION
 */
export function langevin(what: string, given: LangevinOptions, friction?: number): Method {
  const options = validate(v.strictObject(entries), given, what);
  const { chains, prior, stepSize, schedule, temperature, gradientNoise } = options;
  const isCyclical = typeof schedule === 'object' && 'cycles' in schedule;
  const idle = (['burnIn', 'keep'] as const).find((name) => isCyclical && given[name] !== undefined);
  if (idle) {
    throw new CredenceError(
      'E_OPTION',
      `${what}: option '${idle}' does not go with cycles: a draw of each chain is kept at the end of every cycle. Leave it out`,
    );
  }
  const settings = { ...options, friction: friction ?? 1 };
  const kept = isCyclical ? '' : `, burnIn ${options.burnIn}, keep ${options.keep}`;
  const slowed = friction === undefined ? '' : `, friction ${friction}`;
  const noisy = gradientNoise === 0 ? '' : `, gradientNoise ${gradientNoise}`;
  return {
    name: `${what} (${chains} chains, stepSize ${stepSize}, ${scheduleName(schedule)}${slowed}, temperature ${temperature}${noisy}${kept}, prior ${priorName(prior)})`,
    refuses: ['optimizer'],
    build: (problem) => build(what, settings, problem),
  };
}
