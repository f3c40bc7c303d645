/** How many rows one call predicts for. */

/** What a call computes, in numbers: its draws, whatever the rows, and what they say of a row. */
export interface Cost {
  draws: number;
  row: number;
}

/** Calls for more rows than these have as many as a power of two, so that data of many lengths need few compiled functions. */
export const FEW_ROWS = 512;
const MOST_ROWS = 8192;
/** Numbers that a call computes for its rows, at most: more take memory, and keep others waiting. */
const NUMBERS = 2 ** 30;
/** Numbers that are computed in the time that a call takes in itself. */
const CALL = 1e6;

/** The least work: calls of many rows make the same draws less often, but the last one is filled up. */
export function rowsPerCall(rows: number, { draws, row }: Cost): number {
  const most = Math.max(1, Math.min(MOST_ROWS, NUMBERS / row));
  if (rows <= Math.min(FEW_ROWS, most)) return rows;
  const work = (size: number): number => Math.ceil(rows / size) * (CALL + draws + size * row);
  let best = 1;
  for (let size = 2; size <= most; size *= 2) if (work(size) < work(best)) best = size;
  return best;
}
