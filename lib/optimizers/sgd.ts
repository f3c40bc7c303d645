import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { share, validate } from '../validate';
import { type LearningRate, learningRateSchema, rateName } from './learningRate';
import { scaleByLearningRate } from './scaleByLearningRate';
import { chain, type Optimizer, type Transform } from './transform';

/** Options of `sgd`. */
export interface SgdOptions {
  /** How much of the last step goes into the next. Default 0: none. */
  momentum?: number;
  /** Whether the gradient counts as if that part of the step was made already (Nesterov). Default false. */
  nesterov?: boolean;
}

const options = v.pipe(
  v.strictObject({
    momentum: v.optional(share(), 0),
    nesterov: v.optional(v.boolean('must be true or false'), false),
  }),
  v.check(
    ({ momentum, nesterov }) => !nesterov || momentum > 0,
    'must have a momentum, such as 0.9, where nesterov is true',
  ),
);

/** Gradients with what is left of those before (Sutskever et al. 2013), scaled as torch.optim.SGD does. */
const momentumOf = ({ momentum, nesterov }: Required<SgdOptions>): Transform => ({
  slots: 1,
  update(gradient, [velocity]) {
    const next = tf.add(tf.mul(velocity!, momentum), gradient);
    return { update: nesterov ? tf.add(gradient, tf.mul(next, momentum)) : next, slots: [next] };
  },
  runningGradient: (step) => ({ slot: 0, factor: (1 - momentum) / (1 - momentum ** step) }),
});

/**
 * Stochastic gradient descent, as torch.optim.SGD computes it.
 * @param learningRate as `adam` takes it
 * @throws CredenceError E_OPTION
 */
export function sgd(learningRate: LearningRate = 1e-2, given: SgdOptions = {}): Optimizer {
  validate(learningRateSchema, learningRate, 'sgd: learningRate');
  const chosen = validate(options, given, 'sgd');
  const { momentum, nesterov } = chosen;
  const rate = rateName(learningRate);
  const scale = scaleByLearningRate(learningRate);
  if (momentum === 0) return { name: `sgd(${rate})`, learningRate, ...scale };
  const name = `sgd(${rate}, ${nesterov ? 'nesterov' : 'momentum'} ${momentum})`;
  return { name, learningRate, ...chain(momentumOf(chosen), scale) };
}
