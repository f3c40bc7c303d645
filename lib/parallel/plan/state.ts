import type { Keeping, Program, Trained } from '../../inference/method';

/** All that training changes, as it is after some steps: what a run needs to go on. */
export interface TrainingState extends Trained {
  /** Steps done. */
  step: number;
  /** The optimiser's arrays for each vector, in the order of the vectors. */
  slots: readonly Float32Array[];
}

/** Lengths of the vectors, then of the optimiser's slots of each, vector by vector. */
export const stateLengths = (lengths: readonly number[], slots: number): number[] => [
  ...lengths,
  ...lengths.flatMap((length) => new Array<number>(slots).fill(length)),
];

/** The start of a program: its initial values, an optimiser that has seen nothing. */
export function startOf({ vectors, slots }: Pick<Program, 'vectors' | 'slots'>, seed: number): TrainingState {
  const lengths = vectors.map(({ length }) => length);
  return {
    step: 0,
    vectors: vectors.map(({ initial }) => initial(seed)),
    slots: stateLengths(lengths, slots)
      .slice(lengths.length)
      .map((length) => new Float32Array(length)),
    kept: [],
  };
}

/** How often the vectors have been kept after so many steps. */
export function keptBy(step: number, keeping: Keeping | undefined): number {
  if (!keeping || step < keeping.from) return 0;
  return Math.min(keeping.count, 1 + Math.floor((step - keeping.from) / keeping.every));
}

/** The step after which they are kept next; never, where they are not. */
export function nextKept(step: number, keeping: Keeping | undefined): number {
  const kept = keptBy(step, keeping);
  return keeping && kept < keeping.count ? keeping.from + kept * keeping.every : Infinity;
}
