import * as v from 'valibot';
import { CredenceError } from '../../errors';
import { count, positive, validate } from '../../validate';
import { chainEntries, type ChainOptions, chainsMethod } from './options';
import type { Method } from '../method';

/** Options of `hmc`. */
export interface HmcOptions extends ChainOptions {
  /** Leapfrog steps of each iteration. Default: as many as `pathLength` takes. */
  steps?: number;
  /**
   * How far each iteration goes on average, in units of the time in which a density of standard deviation 1 takes the chain around by one
   * radian; each path is longer or shorter by up to a half. Default pi / 2, the best for a normal density whose directions are independent.
   */
  pathLength?: number;
}

const options = v.strictObject({
  ...chainEntries,
  steps: v.optional(count(1)),
  pathLength: v.optional(positive()),
});

/**
 * Hamiltonian Monte Carlo: chains that slide over the exact posterior of a small model, by gradients of all data (Duane et al. 1987; Neal,
 * "MCMC using Hamiltonian dynamics", 2011). Step size and mass matrix are adapted in the warm-up, as in Stan. All parameters are sampled;
 * those that the prior of the weights is not for have the prior N(start, 3²): scales of norms, the logarithm of the likelihood's noise.
 * `nuts` finds the length of a path itself.
 * @throws CredenceError E_OPTION
 */
export function hmc(given: HmcOptions = {}): Method {
  const { steps, pathLength, ...rest } = validate(options, given, 'hmc');
  if (steps !== undefined && pathLength !== undefined) {
    throw new CredenceError(
      'E_OPTION',
      'hmc: steps and pathLength say the same: give the number of leapfrog steps, or how far they lead',
    );
  }
  const length = pathLength ?? Math.PI / 2;
  const path = steps === undefined ? `path of length ${Number(length.toPrecision(6))}` : `${steps} steps`;
  return chainsMethod('hmc', path, rest, { steps, pathLength: length, maxTreeDepth: 0 });
}
