import type { Context, Handle } from '../engine/native/context';
import { DataType } from '../engine/native/dtype';
import { sizeOf } from '../ndarray';
import type { Control } from './control';
import type { Job } from './protocol';
import { SharedArrays } from './shared';
import { gradientShapes } from './state';

/**
 * Sums the gradients of all workers through shared memory, in place:
 *
 *   slot 0 | slot 1 | ... | slot W-1 | sum      each slot: nll, gradients of the vectors
 *
 * Each worker writes its slot, adds up its W-th part of all slots, and reads the sum. Everybody adds in the order of the ranks, so
 * all get the same bits.
 */
export class AllReduce {
  private readonly mine: Float32Array[];
  private readonly slots: Float32Array[];
  private readonly sumOf: Float32Array[];
  private readonly total: Float32Array;
  private readonly handles: Handle[];

  constructor(
    private readonly context: Context,
    job: Job,
    private readonly rank: number,
    private readonly workers: number,
    private readonly control: Control,
  ) {
    const shapes = gradientShapes(job.vectors);
    const layout = new SharedArrays(shapes.map(sizeOf));
    this.mine = layout.views(job.gradients, rank);
    this.slots = Array.from({ length: workers }, (_, i) => layout.whole(job.gradients, i));
    this.sumOf = layout.views(job.gradients, workers);
    this.total = layout.whole(job.gradients, workers);
    // these tensors are the shared memory itself: they change with every step
    this.handles = shapes.map((shape, i) => context.share(DataType.float32, shape, this.sumOf[i]!));
  }

  /** Takes this worker's nll and gradients (and frees them); returns the sums over all workers. */
  sum(parts: readonly Handle[]): { nll: number; gradients: Handle[] } {
    parts.forEach((handle, i) => {
      this.context.readInto(handle, this.mine[i]!);
      this.context.free(handle);
    });
    this.control.barrier();
    this.addUp();
    this.control.barrier();
    return { nll: this.sumOf[0]![0]!, gradients: this.handles.slice(1) };
  }

  private addUp(): void {
    const { slots, total, rank, workers } = this;
    const from = Math.floor((total.length * rank) / workers);
    const to = Math.floor((total.length * (rank + 1)) / workers);
    total.set(slots[0]!.subarray(from, to), from);
    for (let worker = 1; worker < workers; worker++) {
      const slot = slots[worker]!;
      for (let i = from; i < to; i++) total[i] = total[i]! + slot[i]!;
    }
  }

  dispose(): void {
    this.handles.forEach((handle) => this.context.free(handle));
  }
}
