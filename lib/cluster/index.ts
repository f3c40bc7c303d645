/** Training on several processes, on one machine or many. */
export { channelPair } from './channel';
export { setDefaultPool } from './default';
export { pool, type PoolOptions } from './launch';
export { Pool, poolOver } from './pool';
export type { Rank } from './protocol';
export { takePart } from './takePart';
