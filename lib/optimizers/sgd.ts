import { validate } from '../validate';
import { type LearningRate, learningRateSchema, rateName } from './learningRate';
import { scaleByLearningRate } from './scaleByLearningRate';
import type { Optimizer } from './transform';

/** Plain stochastic gradient descent. @param learningRate as `adam` takes it @throws CredenceError E_OPTION */
export function sgd(learningRate: LearningRate = 1e-2): Optimizer {
  validate(learningRateSchema, learningRate, 'sgd: learningRate');
  return { name: `sgd(${rateName(learningRate)})`, learningRate, ...scaleByLearningRate(learningRate) };
}
