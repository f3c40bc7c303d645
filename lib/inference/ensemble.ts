import * as v from 'valibot';
import { count, validate } from '../validate';
import type { Method } from './method';
import { pointEntries, type PointOptions, points } from './points';
import { priorName } from './priorOption';

export interface EnsembleOptions extends PointOptions {
  /** Models that are trained. Default 5. */
  members?: number;
}

const options = v.strictObject({ members: v.optional(count(2), 5), ...pointEntries });

/**
 * A deep ensemble: models that start from different values and are trained on the same batches, and predict together (Lakshminarayanan,
 * Pritzel and Blundell, "Simple and scalable predictive uncertainty estimation using deep ensembles", 2017). All members are computed at once,
 * shared out over the workers as weight samples are. With dropout each member has masks of its own.
 * @throws CredenceError E_OPTION
 */
export function ensemble(given: EnsembleOptions = {}): Method {
  const { members, prior } = validate(options, given, 'ensemble');
  return {
    name: `ensemble (${members} members, prior ${priorName(prior)})`,
    build: (problem) => points(problem, { prior, members }),
  };
}
