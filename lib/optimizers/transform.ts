import type { Tensor } from '@tensorflow/tfjs';
import type { LearningRate } from './learningRate';

/**
 * A step of an optimiser as a pure function of its state (after optax): what comes in as the gradient of one variable goes out
 * as something better to follow. Runs inside the compiled step.
 */
export interface Transform {
  /** How many arrays of the variable's shape it remembers from step to step; they start at zero. */
  readonly slots: number;
  /**
   * The next update, from the one so far and what is remembered.
   * @param step the number of this step, counted from 1, a float scalar
   */
  update(gradient: Tensor, slots: readonly Tensor[], step: Tensor): { update: Tensor; slots: Tensor[] };
  /**
   * Where one of the arrays that it remembers is a running mean of the gradients, for who wants to look at them: which one, and what is
   * to be multiplied with it after so many steps (at least 1).
   */
  readonly runningGradient?: ((step: number) => { slot: number; factor: number }) | undefined;
}

/** An optimiser: adds its update to the variable. */
export interface Optimizer extends Transform {
  readonly name: string;
  /** What its steps are scaled by, for who wants to see it. */
  readonly learningRate?: LearningRate;
}

/** One transform after the other. */
export function chain(...transforms: readonly Transform[]): Transform {
  return {
    runningGradient: transforms[0]?.runningGradient, // what comes to the others is no gradient any more
    slots: transforms.reduce((sum, { slots }) => sum + slots, 0),
    update(gradient, slots, step) {
      let update = gradient;
      let used = 0;
      const kept: Tensor[] = [];
      for (const transform of transforms) {
        const result = transform.update(update, slots.slice(used, used + transform.slots), step);
        update = result.update;
        kept.push(...result.slots);
        used += transform.slots;
      }
      return { update, slots: kept };
    },
  };
}
