import type { Learned, Trained, Variable } from '../method';
import { sizeOf } from '../../ndarray';

/** Chains that lie side by side in the vectors of a program, as those of `Members` do, and how often they are kept at most. */
export interface Chains {
  chains: number;
  /** Draws of each chain. */
  room: number;
  /** [chains, ...shape], or [...shape] of a single chain. */
  variables: readonly Variable[];
}

/**
 * The draws of chains: the vectors as they were kept, or as they are now where nothing is kept yet. They are laid out as `Members` that are as
 * many as all draws, those of the first chain first. There is room for all draws from the start, so that predictions while training
 * goes on are compiled once.
 */
export function chainDraws({ chains, room, variables }: Chains, { vectors, kept }: Trained): Learned {
  const sets = kept.length > 0 ? kept : [vectors];
  const draws = sets.length;
  const all = vectors.map(({ length }) => new Float32Array(length * room));
  const named = variables.map(({ name, shape, vector, offset }): Variable => {
    const size = sizeOf(shape) / chains;
    const target = all[vector]!.subarray(offset * room);
    for (let chain = 0; chain < chains; chain++) {
      sets.forEach((set, draw) => {
        const from = offset + chain * size;
        target.set(set[vector]!.subarray(from, from + size), (chain * draws + draw) * size);
      });
    }
    const own = chains === 1 ? shape : shape.slice(1);
    return { name, shape: [chains * draws, ...own], vector, offset: offset * room };
  });
  return { vectors: all, variables: named, draws: chains * draws, chains };
}
