import * as v from 'valibot';
import { CredenceError } from '../errors';
import { count, validate } from '../validate';
import type { Method } from './method';
import { pointEntries, type PointOptions, points } from './points';
import { priorName } from './priorOption';

export interface McDropoutOptions extends PointOptions {
  /** Masks drawn for each step, over all workers. Default 1, as others train with dropout. */
  samples?: number;
}

const options = v.strictObject({ samples: v.optional(count(1), 1), ...pointEntries });

/**
 * Monte Carlo dropout: a network with dropout is trained as ever, and its masks are drawn in predictions, too, a mask for each draw (Gal and
 * Ghahramani, "Dropout as a Bayesian approximation", 2016). The model needs `layers.dropout`.
 * @throws CredenceError E_OPTION
 */
export function mcDropout(given: McDropoutOptions = {}): Method {
  const { samples, prior } = validate(options, given, 'mcDropout');
  return {
    name: `mcDropout (${samples} masks, prior ${priorName(prior)})`,
    build(problem) {
      const program = points(problem, { prior, samples, noisy: true });
      if (program.streams > 0) return program;
      throw new CredenceError(
        'E_OPTION',
        'mcDropout needs a model with dropout: put layers.dropout({ rate: 0.1 }) before its dense layers',
      );
    },
  };
}
