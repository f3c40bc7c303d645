import type { Context, Handle } from '../../engine/native/context';

/**
 * Tensors that the workers of a process show each other, by their pointers in shared memory: whoever reads one makes a copy on its own
 * device, which takes no way through the memory of the host. Between showing and reading all meet at a barrier, and meet again before the
 * tensor is freed.
 */
export class ShownTensors {
  private readonly pointers: BigUint64Array;

  /** @param each tensors that a worker shows */
  static allocate(workers: number, each: number): SharedArrayBuffer {
    return new SharedArrayBuffer(BigUint64Array.BYTES_PER_ELEMENT * workers * each);
  }

  constructor(
    private readonly context: Context,
    buffer: SharedArrayBuffer,
    private readonly each: number,
  ) {
    this.pointers = new BigUint64Array(buffer);
  }

  show(worker: number, tensors: readonly Handle[]): void {
    tensors.forEach((handle, i) => {
      this.pointers[worker * this.each + i] = this.context.pointerOf(handle);
    });
  }

  /** A copy of a tensor of a worker. */
  read(worker: number, place: number): Handle {
    return this.context.copyOf(this.pointers[worker * this.each + place]!);
  }
}
