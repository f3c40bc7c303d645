import { DIVERGENT, energy, type Landscape, type Phase, type Transition, walk } from './phase';

/** A path of hundreds of steps that adapts to a step size far too small would not end. */
export const MOST_STEPS = 1024;

/**
 * An iteration of Hamiltonian Monte Carlo: a path of so many leapfrog steps, whose end is accepted with probability min(1, exp(-change of
 * energy)) (Duane et al., "Hybrid Monte Carlo", 1987; Neal 2011, section 5.3.2).
 * @param uniform gives a number in (0, 1) at each call
 */
export function followPath(
  start: Phase,
  steps: number,
  { stepSize, variances, landscape, uniform }: Travel,
): Transition {
  const before = energy(start, variances);
  let end = start;
  let made = 0;
  for (end of walk(start, steps, landscape, stepSize, variances)) {
    made++;
    if (energy(end, variances) - before > DIVERGENT) {
      return { to: start, acceptance: 0, divergent: true, steps: made, depth: 0 };
    }
  }
  const acceptance = Math.min(1, Math.exp(before - energy(end, variances)));
  return { to: uniform() < acceptance ? end : start, acceptance, divergent: false, steps, depth: 0 };
}

/** What an iteration is made with. */
export interface Travel {
  stepSize: number;
  /** The inverse of the diagonal mass matrix. */
  variances: Float64Array;
  landscape: Landscape;
  uniform: () => number;
}
