const MOST = 2 ** 31 - 1; // MPI counts in 32 bits

/**
 * The array in pieces that MPI can count, one after the other. To make one also gives the array memory that stays where it is: the
 * collector of garbage moves small ones about before.
 * @param most elements of a piece
 */
export function pieces<T extends { length: number; subarray(from: number, to: number): T }>(
  values: T,
  most = MOST,
): T[] {
  const count = Math.max(1, Math.ceil(values.length / most));
  return Array.from({ length: count }, (_, i) => values.subarray(i * most, (i + 1) * most));
}
