import { allocateShared, type SharedMemory } from '../../engine/native/memory';
import { CredenceError } from '../../errors';
import type { Keeping } from '../../inference/method';
import { streamKey } from '../../streams';
import type { Key } from '../../threefry';
import { type Exchange, formatOf, isSum } from '../plan/gradientFormat';
import { callCount, type Share } from '../plan/schedule';
import { keptBy, stateLengths, type TrainingState } from '../plan/state';
import type { StepShapes } from '../plan/stepShapes';
import { Control } from './control';
import { Meeting } from './meeting';
import { share, SharedArrays } from './shared';
import { ShownTensors } from './shownTensors';
import { Sums } from './sums';

/**
 * The shared memory of a run in one process: what all of its workers read, and where they write for each other.
 *
 *   x, y         the data, once for all
 *   vectors      three sets: a step reads one and writes the next, and the one before is kept in case the loss is no number
 *   gradients    a set for each worker, written by it and read by all
 *   shown        where devices do not see this memory, in place of the two: pointers of the shards that are on them
 *   total        their sum over the workers of all processes, where there are several
 *   statistics   of the samples of each call, where the loss is not a sum over samples
 *   saved        two sets of vectors and optimiser state: while one is written, the other is whole
 *   kept         the vectors as they were after some steps, a set for each, where a method keeps them
 */
export interface Board {
  shapes: StepShapes;
  /** Lengths of the vectors; each has `slots` arrays of optimiser state of the same length. */
  lengths: readonly number[];
  slots: number;
  /** Tensors of noise that a step draws. */
  streams: number;
  /** The keys of the order of the data, of the noise, and of the augmentations. */
  order: Key;
  noise: Key;
  augmentation: Key;
  /** Uniform numbers that the augmentations need for each datum. */
  uniforms: number;
  exchange: Exchange;
  x: SharedMemory;
  y: SharedMemory;
  vectors: SharedMemory;
  gradients: SharedMemory;
  /** See `ShownTensors`. */
  shown: { vectors: SharedArrayBuffer; gradients: SharedArrayBuffer };
  total: SharedMemory;
  statistics: SharedMemory;
  /** Numbers of the statistics of each data group, [calls, B, K]. */
  statisticsLengths: readonly number[];
  /** What was found out together with other processes: see `Meeting`. */
  meeting: SharedArrayBuffer;
  saved: SharedMemory;
  kept: SharedMemory;
  keeping: Keeping | undefined;
  /** See `Sums`. */
  sums: SharedArrayBuffer;
  control: SharedArrayBuffer;
}

/** Sets of the vectors in shared memory. */
export const VECTOR_SETS = 3;

/** Numbers of the statistics of each data group, [calls, B, K]. @param shares of all workers of all processes @param perDatum K */
export function statisticsLengths(shares: readonly Share[], perDatum: number): number[] {
  const groups = shares.filter(({ sampleGroup }) => sampleGroup === 0);
  return groups.map(({ rows }) => callCount(shares) * rows.count * perDatum);
}

/** A board with room for the statistics of each data group, once, or where there are several processes twice: own ones, and all. */
export function withStatistics(board: Board, lengths: readonly number[], processes: number): Board {
  const statistics = new SharedArrays(lengths).allocate(processes > 1 ? 2 : 1);
  return { ...board, statistics, statisticsLengths: lengths };
}

/** What a board is made of: plain values, which another process can be told. */
export interface BoardSpec {
  data: { x: Float32Array; y: Int32Array | Float32Array };
  shapes: StepShapes;
  lengths: readonly number[];
  slots: number;
  streams: number;
  keeping: Keeping | undefined;
  seed: number;
  uniforms: number;
  exchange: Exchange;
  /** Where a lone worker keeps all to itself. */
  alone: boolean;
  start: TrainingState;
}

/**
 * Makes something as large as what is learned.
 * @param workers of this process
 * @throws CredenceError E_MEMORY
 */
export function inMemory<T>(
  { lengths, slots, keeping, alone }: Pick<BoardSpec, 'lengths' | 'slots' | 'keeping' | 'alone'>,
  workers: number,
  make: () => T,
): T {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause; // what JavaScript says when it has no memory for an array
    const numbers = lengths.reduce((sum, length) => sum + length, 0);
    const sets = 2 * (1 + slots) + (alone ? 0 : VECTOR_SETS + workers) + (keeping?.count ?? 0);
    throw new CredenceError(
      'E_MEMORY',
      `there is not enough memory to train: the model learns ${numbers.toLocaleString('en')} numbers, of which training keeps ${sets} copies, ${((4 * sets * numbers) / 1e9).toFixed(1)} GB. Make it smaller${workers > 1 ? ', or use fewer devices' : ''}`,
      { cause },
    );
  }
}

/**
 * @param workers of this process
 * @throws CredenceError E_MEMORY
 */
export function makeBoard(spec: BoardSpec, workers: number, processes = 1): Board {
  const { data, shapes, lengths, slots, streams, keeping, seed, uniforms, exchange, alone, start } = spec;
  const saved = new SharedArrays(stateLengths(lengths, slots));
  const none = (): SharedMemory => allocateShared(0);
  const control = new Control();
  return inMemory(spec, workers, () => {
    const gradients = alone ? none() : new SharedArrays(lengths, formatOf(exchange)).allocate(workers);
    const board: Board = {
      shapes,
      lengths,
      slots,
      streams,
      order: streamKey(seed, 'order of the data'),
      noise: streamKey(seed, 'noise of a step'),
      augmentation: streamKey(seed, 'augmentation'),
      uniforms,
      exchange,
      x: share(data.x),
      y: share(data.y),
      vectors: alone ? none() : new SharedArrays(lengths).allocate(VECTOR_SETS),
      gradients,
      shown: {
        vectors: ShownTensors.allocate(workers, lengths.length),
        gradients: ShownTensors.allocate(workers, lengths.length * workers),
      },
      // one worker has nothing to add up: its gradients are summed over the processes where they are
      total:
        processes === 1
          ? none()
          : isSum(workers, exchange)
            ? gradients
            : new SharedArrays(lengths).allocate(1),
      statistics: none(),
      statisticsLengths: [],
      meeting: Meeting.allocate(processes),
      saved: saved.allocate(2),
      kept: new SharedArrays(lengths).allocate(keeping?.count ?? 0),
      keeping,
      sums: Sums.allocate(workers),
      control: control.buffer,
    };
    const { step, vectors, slots: optimizer, kept } = start;
    saved.views(board.saved, 0).forEach((view, i) => view.set([...vectors, ...optimizer][i]!));
    kept.forEach((set, i) => keptSet(board, i).forEach((view, j) => view.set(set[j]!)));
    control.publish(0, step);
    return board;
  });
}

/** The vectors as they were when they were kept for the n-th time, from 0. */
export const keptSet = ({ kept, lengths }: Pick<Board, 'kept' | 'lengths'>, number: number): Float32Array[] =>
  new SharedArrays(lengths).views(kept, number);

/** What reads and writes the copies of the state in the shared memory of a run. */
export class SavedState {
  private readonly copies: readonly Float32Array[][];

  constructor(
    private readonly board: Board,
    private readonly control: Control,
  ) {
    const layout = new SharedArrays(stateLengths(board.lengths, board.slots));
    this.copies = [0, 1].map((copy) => layout.views(board.saved, copy));
  }

  /** The arrays of the copy that is whole, or of the one that is not. */
  whole(): Float32Array[] {
    return this.copies[this.control.whole.copy]!;
  }

  spare(): Float32Array[] {
    return this.copies[1 - this.control.whole.copy]!;
  }

  /** A copy of the last whole state, for keeps. */
  read(): TrainingState {
    const { control, board } = this;
    for (;;) {
      const { saves, whole } = control;
      const arrays = this.copies[whole.copy]!.map((values) => values.slice());
      if (control.saves !== saves) continue; // the next save writes to this copy
      const count = board.lengths.length;
      // what was kept by then is not written again, but with the same numbers
      const kept = Array.from({ length: keptBy(whole.step, board.keeping) }, (_, i) =>
        keptSet(board, i).map((values) => values.slice()),
      );
      return { step: whole.step, vectors: arrays.slice(0, count), slots: arrays.slice(count), kept };
    }
  }
}
