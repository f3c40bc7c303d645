import * as v from 'valibot';
import { validate } from '../../validate';
import { langevin, type LangevinOptions } from './langevin';
import type { Method } from '../method';

/** Options of {@link sghmc}. */
export interface SghmcOptions extends LangevinOptions {
  /** The share of its velocity that a chain loses in each step, in (0, 1): 1 - the momentum of gradient descent. Default 0.1. */
  friction?: number;
}

const rule = 'must be a number above 0 and below 1';
const schema = v.looseObject({
  friction: v.optional(v.pipe(v.number(rule), v.gtValue(0, rule), v.ltValue(1, rule)), 0.1),
});

/**
 * Stochastic gradient Hamiltonian Monte Carlo: {@link sgld} with momentum, which goes further in as many steps, by a factor of 1 / friction
 * where steps must be short (Chen, Fox and Guestrin, "Stochastic gradient Hamiltonian Monte Carlo", 2014, eq. 15; their estimate of the
 * gradient's own noise is `gradientNoise`),
 *
 *     v <- (1 - friction) v - stepSize gradient + sqrt(2 friction stepSize temperature / N) normal
 *     w <- w + v
 * @throws CredenceError E_OPTION
 */
export function sghmc({ friction, ...given }: SghmcOptions = {}): Method {
  return langevin('sghmc', given, validate(schema, { friction }, 'sghmc').friction);
}
