import { allocateShared, roundUp, type SharedMemory } from '../engine/native/memory';

/** Shared memory with a copy of these values. */
export function share(values: Float32Array | Int32Array): SharedMemory {
  const memory = allocateShared(values.byteLength);
  const source = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  new Uint8Array(memory.buffer, memory.offset, memory.byteLength).set(source);
  return memory;
}

/** Several float arrays in one piece of shared memory, each aligned. */
export class SharedArrays {
  private readonly starts: number[] = [];
  /** Bytes of one set of the arrays. */
  readonly stride: number;

  constructor(private readonly lengths: readonly number[]) {
    let at = 0;
    for (const length of lengths) {
      this.starts.push(at);
      at += roundUp(4 * length);
    }
    this.stride = at;
  }

  allocate(sets: number): SharedMemory {
    return allocateShared(this.stride * sets);
  }

  /** The arrays of set number `set`. */
  views({ buffer, offset }: SharedMemory, set = 0): Float32Array[] {
    const base = offset + set * this.stride;
    return this.lengths.map((length, i) => new Float32Array(buffer, base + this.starts[i]!, length));
  }

  /** All arrays of a set as one (with the padding between them). */
  whole({ buffer, offset }: SharedMemory, set = 0): Float32Array {
    return new Float32Array(buffer, offset + set * this.stride, this.stride / 4);
  }
}
