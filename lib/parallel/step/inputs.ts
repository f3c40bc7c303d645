import { Batches } from '../../data/batches';
import type { Context, Handle } from '../../engine/native/context';
import { DataType } from '../../engine/native/dtype';
import { augmentationUniforms, noiseKeys } from '../../streams';
import type { Board } from '../memory/board';
import { bytesOf } from '../memory/shared';
import type { Call, Range } from '../plan/schedule';

const { int32, float32 } = DataType;

/** What the steps of a worker read that does not depend on what was learned: data, and which of them; keys of the noise. */
export class Inputs {
  /** x and y, in the shared memory itself. */
  readonly data: readonly Handle[];
  private readonly batches: Batches;

  constructor(
    private readonly context: Context,
    private readonly board: Board,
  ) {
    const { shapes } = board;
    this.data = [
      context.share(float32, shapes.x, bytesOf(board.x)),
      context.share(DataType[shapes.yType], shapes.y, bytesOf(board.y)),
    ];
    this.batches = new Batches(board.order, shapes.x[0]!, shapes.batch);
  }

  /** Row numbers of the batch of a step: all, or some. */
  rows(step: number, rows: Range): Handle {
    const numbers = new Int32Array(rows.count);
    this.batches.fill(numbers, step, rows.first);
    return this.context.tensor(int32, [rows.count], numbers);
  }

  /** Keys of the noise of some samples, [streams, S, 2]. */
  keys(step: number, { first, count }: Range): Handle {
    const { streams, noise } = this.board;
    const keys = noiseKeys(noise, step, { streams, samples: count, firstSample: first });
    return this.context.tensor(int32, [streams, count, 2], keys);
  }

  /** Row numbers [steps, B] and keys [steps, streams, S, 2] of several steps with all data and samples. */
  several(step: number, steps: number, samples: number): Handle[] {
    const { streams, noise, shapes } = this.board;
    const rows = new Int32Array(steps * shapes.batch);
    const keys = new Int32Array(steps * streams * samples * 2);
    for (let i = 0; i < steps; i++) {
      this.batches.fill(rows.subarray(i * shapes.batch, (i + 1) * shapes.batch), step + i);
      const own = noiseKeys(noise, step + i, { streams, samples, firstSample: 0 });
      keys.set(own, i * own.length);
    }
    return [
      this.context.tensor(int32, [steps, shapes.batch], rows),
      this.context.tensor(int32, [steps, streams, samples, 2], keys),
    ];
  }

  /** Uniform numbers for the augmentations of some data, [B, uniforms]; none where data is not augmented. */
  uniforms(step: number, { group }: Call, { first, count }: Range): Handle[] {
    const { augmentation, uniforms } = this.board;
    if (uniforms === 0) return [];
    const numbers = augmentationUniforms(augmentation, step, group, { uniforms, first, count });
    return [this.context.tensor(float32, [count, uniforms], numbers)];
  }

  number(value: number): Handle {
    return this.context.tensor(int32, [], Int32Array.of(value));
  }
}
