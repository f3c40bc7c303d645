/** Training of a configuration in Credence, as everybody trains: with `fit`. */
import { adam, fit, type Run, vi } from '../lib';
import { type Config, INITIAL_STD, LEARNING_RATE } from './configs';
import type { BenchData } from './data';
import { likelihoodOf, modelOf } from './model';

export type Estimator = 'weights' | 'local';

export interface TrainingOptions {
  estimator: Estimator;
  workers: number;
  /** What the workers share out. */
  strategy: 'sample' | 'data';
  epochs: number;
  /** How gradients travel between workers. Default: as they are. */
  exchange?: 'float32' | 'bfloat16';
}

export function train(config: Config, { x, y }: BenchData, options: TrainingOptions): Run {
  const { samples, batch, dataSize } = config;
  const klWeight = x.shape[0]! / dataSize;
  return fit(
    modelOf(config),
    { x, y },
    {
      method: vi({ samples, estimator: options.estimator, initialStd: INITIAL_STD, klWeight }),
      likelihood: likelihoodOf(config),
      optimizer: adam(LEARNING_RATE),
      batchSize: batch,
      epochs: options.epochs,
      save: false,
      devices: options.workers,
      strategy: options.strategy,
      ...(options.exchange && { exchange: options.exchange }),
    },
  );
}
