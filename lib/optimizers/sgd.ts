import { positive, validate } from '../validate';
import { scaleByLearningRate } from './learningRate';
import type { Optimizer } from './transform';

/** Plain stochastic gradient descent. */
export function sgd(learningRate = 1e-2): Optimizer {
  validate(positive(), learningRate, 'sgd: learningRate');
  return { name: `sgd(${learningRate})`, ...scaleByLearningRate(learningRate) };
}
