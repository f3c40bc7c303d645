/** How numbers are kept in memory. */
export type NumberFormat = 'float32' | 'bfloat16';

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

/** Whether what the workers of a process have published already is their sum. */
export const isSum = (workers: number, exchange: Exchange): boolean =>
  workers === 1 && formatOf(exchange) === 'float32';
