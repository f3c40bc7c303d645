import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { CredenceError } from '../../errors';
import { count, positive, share } from '../../validate';
import type { Keeping } from '../method';

/** stepSize (1 + t / after)^-power in step t: it becomes ever smaller, and the draws ever more exact and ever slower. */
export interface StepDecay {
  /** In (0.5, 1], for which it is known to find the posterior in the end. */
  power: number;
  /** The step by which it has fallen to 2^-power. */
  after: number;
}

/**
 * Cosine cycles, each from the whole step size down to almost none: the long steps find another mode, the short ones draw from it. One
 * draw of each chain is kept at the end of every cycle (Zhang et al., "Cyclical stochastic gradient MCMC for Bayesian deep learning", 2020).
 */
export interface StepCycles {
  cycles: number;
  /** The first share of every cycle has no noise: it is quicker to find a mode. Default 0.5. */
  explore?: number;
}

/** How the step size of a sampler changes. */
export type StepSchedule = 'constant' | StepDecay | StepCycles;

const rule = "must be 'constant', { power, after } or { cycles, explore }";
const unknown = `must not be there: schedule ${rule}`;
const power = 'must be a number above 0.5 and at most 1';
const constant = v.literal('constant', rule);
const decay = v.strictObject(
  { power: v.pipe(v.number(power), v.gtValue(0.5, power), v.maxValue(1, power)), after: positive() },
  unknown,
);
const cyclical = v.strictObject(
  {
    cycles: count(1),
    explore: v.optional(share(), 0.5),
  },
  unknown,
);

export const stepScheduleSchema = v.lazy((value) => {
  if (typeof value !== 'object' || value === null) return constant;
  return 'cycles' in value ? cyclical : decay;
});

const isCyclical = (schedule: StepSchedule): schedule is StepCycles =>
  typeof schedule === 'object' && 'cycles' in schedule;

export function scheduleName(schedule: StepSchedule): string {
  if (schedule === 'constant') return schedule;
  if (!isCyclical(schedule)) return `decay to the power ${schedule.power} after ${schedule.after} steps`;
  return `${schedule.cycles} cycles, explore ${schedule.explore}`;
}

/** What the step size and the standard deviation of the noise are times in a step: functions of the step's number (from 1) alone. */
export function scheduled(schedule: StepSchedule, steps: number) {
  const one = (): tf.Tensor => tf.scalar(1);
  if (schedule === 'constant') return { size: one, noise: one };
  if (!isCyclical(schedule)) {
    const { power, after } = schedule;
    const size = (step: tf.Tensor): tf.Tensor =>
      tf.pow(tf.add(tf.div(tf.sub(step, 1), after), 1), tf.scalar(-power));
    return { size, noise: one };
  }
  const { cycles, explore = 0.5 } = schedule;
  const length = Math.floor(steps / cycles);
  const done = (step: tf.Tensor): tf.Tensor => tf.div(tf.mod(tf.sub(step, 1), length), length);
  return {
    size: (step: tf.Tensor) => tf.mul(tf.add(tf.cos(tf.mul(done(step), Math.PI)), 1), 0.5),
    noise: (step: tf.Tensor) => tf.cast(tf.greaterEqual(done(step), explore), 'float32'),
  };
}

/**
 * When draws are kept: at the end of each cycle, or evenly over the steps after the burn-in, the last one at the end.
 * @param what the method, as the person wrote it
 * @throws CredenceError E_OPTION if there are too few steps
 */
export function keepingOf(
  what: string,
  schedule: StepSchedule,
  given: { burnIn: number; keep: number },
  steps: number,
): Keeping {
  const [first, count] = isCyclical(schedule)
    ? [0, schedule.cycles]
    : [Math.floor(given.burnIn * steps), given.keep];
  const every = Math.floor((steps - first) / count);
  if (every === 0) {
    throw new CredenceError(
      'E_OPTION',
      `${what}: ${count} draws of each chain are to be kept in the last ${steps - first} of ${steps} steps: give fit more epochs, or keep fewer`,
    );
  }
  return { from: isCyclical(schedule) ? every : steps - (count - 1) * every, every, count };
}
