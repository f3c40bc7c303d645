/** Hamiltonian dynamics: a position q that slides over -log of a density, and the momentum p that it slides with. All in double precision. */

/** What is found at a position. */
export interface Evaluation {
  /** -log p(data | q) and -log p(q): their sum is the potential energy. Up to a constant. */
  nll: number;
  nlp: number;
  /** Gradient of that sum, as many numbers as q has. */
  gradient: ArrayLike<number>;
}

export type Potential = (q: Float64Array) => Evaluation;

/** The land that chains move over. */
export interface Landscape {
  potential: Potential;
  /** So many leapfrog steps at once, where each of them takes less time than a call. */
  leaps?:
    { count: number; make(from: Phase, stepSize: number, variances: Float64Array): Phase[] } | undefined;
}

export interface Phase {
  q: Float64Array;
  p: Float64Array;
  at: Evaluation;
}

/**
 * A step of the leapfrog integrator: half a kick, a drift, half a kick. It can be made backwards, keeps volumes, and its energy is off by
 * O(stepSize^2) (Neal, "MCMC using Hamiltonian dynamics", 2011, eqs. 5.18 to 5.20).
 * @param stepSize below 0: backwards
 * @param variances the inverse of the diagonal mass matrix
 */
export function leapfrog(
  { q, p, at }: Phase,
  stepSize: number,
  variances: Float64Array,
  potential: Potential,
): Phase {
  const half = stepSize / 2;
  const [position, momentum] = [new Float64Array(q.length), new Float64Array(p.length)];
  for (let i = 0; i < q.length; i++) {
    momentum[i] = p[i]! - half * at.gradient[i]!;
    position[i] = q[i]! + stepSize * variances[i]! * momentum[i]!;
  }
  const found = potential(position);
  for (let i = 0; i < q.length; i++) momentum[i]! -= half * found.gradient[i]!;
  return { q: position, p: momentum, at: found };
}

/** From so many steps on that are still to be made, several at once are worth it even if some are not needed. */
const WORTH_LEAPING = 4;

/** The points of so many leapfrog steps, each computed when it is asked for, or a little before. */
export function* walk(
  start: Phase,
  steps: number,
  { potential, leaps }: Landscape,
  stepSize: number,
  variances: Float64Array,
): Generator<Phase, undefined> {
  let from = start;
  for (let left = steps; left > 0;) {
    if (leaps && left >= WORTH_LEAPING) {
      const points = leaps.make(from, stepSize, variances).slice(0, left);
      yield* points;
      from = points.at(-1)!;
      left -= points.length;
    } else {
      from = leapfrog(from, stepSize, variances, potential);
      yield from;
      left--;
    }
  }
}

/** Potential and kinetic energy; infinite where there is no number. */
export function energy({ p, at }: Phase, variances: Float64Array): number {
  let twice = 0;
  for (let i = 0; i < p.length; i++) twice += p[i]! ** 2 * variances[i]!;
  const sum = at.nll + at.nlp + twice / 2;
  return Number.isNaN(sum) ? Infinity : sum;
}

/** A step whose energy is off by more than this follows the density no longer: what Stan takes. */
export const DIVERGENT = 1000;

/** Where a chain goes in one iteration. */
export interface Transition {
  to: Phase;
  /** The mean probability with which the points visited would have been accepted: what the step size is adapted by. */
  acceptance: number;
  /** Whether the energy went astray. */
  divergent: boolean;
  /** Leapfrog steps made. */
  steps: number;
  /** Doublings of the trajectory; 0 where its length is given. */
  depth: number;
}
