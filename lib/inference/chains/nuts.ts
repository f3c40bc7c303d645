import * as v from 'valibot';
import { count, validate } from '../../validate';
import { chainEntries, type ChainOptions, chainsMethod } from './options';
import type { Method } from '../method';

/** Options of `nuts`. */
export interface NutsOptions extends ChainOptions {
  /** Doublings of a trajectory at most: 2^10 gradients an iteration. Default 10. */
  maxTreeDepth?: number;
}

const depth = v.pipe(count(1), v.maxValue(20, 'must be at most 20'));
const options = v.strictObject({ ...chainEntries, maxTreeDepth: v.optional(depth, 10) });

/**
 * The No-U-Turn Sampler, the gold standard for small models: Hamiltonian Monte Carlo whose paths end by themselves where they begin to turn
 * back (Hoffman and Gelman 2014; Betancourt 2017). Everything else is as of `hmc`.
 * @throws CredenceError E_OPTION
 */
export function nuts(given: NutsOptions = {}): Method {
  const { maxTreeDepth, ...rest } = validate(options, given, 'nuts');
  const tree = `trees of depth ${maxTreeDepth}`;
  return chainsMethod('nuts', tree, rest, { steps: undefined, pathLength: 0, maxTreeDepth });
}
