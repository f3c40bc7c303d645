import type { NumberFormat } from './shared';

/**
 * How gradients travel: as numbers of a format, or as factors of matrices of a low rank. The latter are for the way between processes: within
 * one, where all workers see the same memory, gradients are then as they are.
 */
export type Exchange = NumberFormat | LowRank;

export interface LowRank {
  rank: number;
}

/** What gradients are within a process. */
export const formatOf = (exchange: Exchange): NumberFormat =>
  typeof exchange === 'string' ? exchange : 'float32';
