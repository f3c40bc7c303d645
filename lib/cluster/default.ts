import type { Pool } from './pool';

let standing: Pool | undefined;

/** The processes that this one was started with, if there are others: `fit` trains on them where it is not told on which. */
export const defaultPool = (): Pool | undefined => standing;

export function setDefaultPool(pool: Pool | undefined): void {
  standing = pool;
}
