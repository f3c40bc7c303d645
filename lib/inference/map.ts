import * as v from 'valibot';
import { validate } from '../validate';
import type { Method } from './method';
import { pointEntries, type PointOptions, points } from './points';
import { priorName } from './priorOption';

const options = v.strictObject(pointEntries);

/**
 * The mode of the posterior, one value of each weight: the neural network that everybody trains, with the prior as weight decay. Its
 * predictions know no epistemic uncertainty: what others are compared with.
 * @throws CredenceError E_OPTION
 */
export function map(given: PointOptions = {}): Method {
  const { prior } = validate(options, given, 'map');
  return { name: `map (prior ${priorName(prior)})`, build: (problem) => points(problem, { prior }) };
}
