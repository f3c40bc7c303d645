/** What methods have in common that learn one value of each parameter: of one model, or of several members at once. */
import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { normal } from '../distributions/normal';
import { elbo } from '../objectives/elbo';
import { learning, partsOf } from './learning';
import { Members } from './families/members';
import type { Problem, Program } from './method';
import { type PriorOption, priorOf, priorOption } from './priorOption';
import { inOrder, penalizedUpdate, plainUpdate, type Stepped } from './updates';

/** What each of these methods may be told of the prior. */
export interface PointOptions {
  /**
   * What is believed of each weight beforehand: its negative log density is added to the loss, 1/N for each datum. A normal prior is weight
   * decay. A function gives that of each parameter, by its name, shape or number of inputs. Default `priors.normal(0, 1)`.
   */
  prior?: PriorOption;
}

export const pointEntries = { prior: v.optional(priorOption, () => normal(0, 1)) };

interface Points {
  prior: PriorOption;
  /** Models that are trained side by side. */
  members?: number;
  /** Draws of the layers' noise in each step, of a single member. */
  samples?: number;
  /** Whether predictions draw that noise, too. */
  noisy?: boolean;
}

/**
 * The mode of the posterior of each member: minimises mean_b -log p(y | x, w) - log p(w) / N of each. What is reported is the mean over
 * the members.
 */
export function points(problem: Problem, { prior, members = 1, samples = members, noisy }: Points): Program {
  const { optimizer, likelihood, size } = problem;
  const parts = partsOf(problem);
  const noise = noisy ? parts.noise.map((each) => ({ ...each, always: true })) : parts.noise;
  const family = new Members(parts.parameters, noise, members);
  const hasPrior = parts.parameters.some(({ bayesian }) => bayesian);
  const { slots } = optimizer;
  // the loss is a mean over the members, which do not depend on each other: each follows the gradient of its own
  const isOne = typeof prior !== 'function';
  const penalized = isOne && penalizedUpdate(optimizer, prior, () => 1 / size, members);
  const plain = plainUpdate(optimizer, members);
  /** -log p(w) / N where the prior is not the same for all, the mean over the members at hand. */
  const coupling = (values: readonly tf.Tensor[]): tf.Tensor => {
    const terms = family.parameters.flatMap((parameter, i) => {
      if (!parameter.bayesian) return [];
      const rows = values[i]!;
      return tf.div(tf.sum(priorOf(prior, parameter).logProb(rows)), -size * rows.shape[0]);
    });
    return tf.addN(terms);
  };
  return {
    ...learning(
      family,
      parts,
      elbo(likelihood),
      noise.length > 0 || members > 1 ? samples : 1,
      hasPrior && !isOne ? coupling : undefined,
    ),
    slots,
    optimizer,
    update(gradients, given, state, step) {
      let penalty: tf.Tensor = tf.scalar(0);
      const stepped = given.map((vector, i): Stepped => {
        const own = state.slice(i * slots, (i + 1) * slots);
        if (i > 0 || !hasPrior || !penalized)
          return plain(family.vectors[i]!, step, vector, gradients[i]!, own);
        const [value, ...rest] = [penalized(step, vector, gradients[i]!, ...own)].flat();
        penalty = tf.div(value!, members);
        return rest;
      });
      return [penalty, ...inOrder(stepped)];
    },
  };
}
