import * as v from 'valibot';
import { CredenceError } from '../errors';
import { count } from '../validate';
import { bracket, checkFinite, type Numbers } from './input';
import { normalQuantile } from './normal';

/** How the draws of several chains are laid out where the array has no shape. */
export interface ChainOptions {
  /** How many chains there are. Default: the first axis of the array's shape [chains, draws]. */
  chains?: number;
}

export const chainsOption = v.optional(count(1));

/** What arviz asks of a chain: two halves of two draws. */
const LEAST_DRAWS = 4;

/**
 * The chains of one quantity, each in double precision.
 * @throws CredenceError E_SHAPE, E_DATA
 */
export function readChains(what: string, draws: Numbers, chains: number | undefined): Float64Array[] {
  checkFinite(what, 'draws', draws);
  const { shape } = draws;
  const rows = chains ?? (shape?.length === 2 ? shape[0]! : NaN);
  const length = draws.length / rows;
  if (!Number.isInteger(length)) {
    const got = shape ? `shape ${bracket(shape)}` : `${draws.length} values`;
    throw new CredenceError(
      'E_SHAPE',
      `${what}: draws must be [chains, draws] of one quantity: pass an NdArray of that shape, or flat values and { chains }, got ${got}`,
    );
  }
  if (length < LEAST_DRAWS) {
    throw new CredenceError(
      'E_DATA',
      `${what}: each chain has ${length} draws, at least ${LEAST_DRAWS} are needed`,
    );
  }
  return Array.from({ length: rows }, (_, c) =>
    Float64Array.from({ length }, (_, i) => draws[c * length + i]!),
  );
}

/** Each chain as two: a chain that drifts disagrees with itself. The middle draw of an odd number is left out. */
export function halves(chains: readonly Float64Array[]): Float64Array[] {
  const half = Math.floor(chains[0]!.length / 2);
  return [...chains.map((chain) => chain.subarray(0, half)), ...chains.map((chain) => chain.subarray(-half))];
}

/** All draws as one list, ascending. */
export const pooled = (chains: readonly Float64Array[]): Float64Array =>
  Float64Array.from(chains.flatMap((chain) => [...chain])).sort();

/**
 * The draws replaced by the normal quantiles of their ranks among all of them, so that heavy tails do no harm; ties share their
 * mean rank. Vehtari et al. 2021, eq. 14 (Blom's offset of 3/8).
 */
export function rankNormalised(chains: readonly Float64Array[]): Float64Array[] {
  const sorted = pooled(chains);
  const scores = new Map<number, number>();
  for (let start = 0, end = 0; start < sorted.length; start = end) {
    while (sorted[end] === sorted[start]) end++;
    const rank = (start + 1 + end) / 2;
    scores.set(sorted[start]!, normalQuantile((rank - 3 / 8) / (sorted.length + 1 / 4)));
  }
  return chains.map((chain) => chain.map((draw) => scores.get(draw)!));
}
