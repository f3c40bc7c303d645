import { allocateShared, roundUp, type SharedMemory } from '../../engine/native/memory';
import type { NumberFormat } from '../plan/gradientFormat';

/** Shared memory with a copy of these values. */
export function share(values: Float32Array | Int32Array): SharedMemory {
  const memory = allocateShared(values.byteLength);
  const source = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  bytesOf(memory).set(source);
  return memory;
}

export const bytesOf = ({ buffer, offset, byteLength }: SharedMemory): Uint8Array =>
  new Uint8Array(buffer, offset, byteLength);

/** Of two-byte numbers we only move the bits. */
const arrays = { float32: Float32Array, bfloat16: Uint16Array } as const satisfies Record<
  NumberFormat,
  unknown
>;
interface ArrayOf {
  float32: Float32Array;
  bfloat16: Uint16Array;
}

/** Several arrays in one piece of shared memory, each aligned. */
export class SharedArrays<K extends NumberFormat = 'float32'> {
  private readonly starts: number[] = [];
  private readonly kind: K;
  /** Bytes of one set of the arrays. */
  readonly stride: number;

  constructor(
    private readonly lengths: readonly number[],
    kind?: K,
  ) {
    this.kind = kind ?? ('float32' as K);
    let at = 0;
    for (const length of lengths) {
      this.starts.push(at);
      at += roundUp(arrays[this.kind].BYTES_PER_ELEMENT * length);
    }
    this.stride = at;
  }

  private constructorOf(): new (...args: [SharedArrayBuffer, number, number]) => ArrayOf[K] {
    return arrays[this.kind] as never;
  }

  allocate(sets: number): SharedMemory {
    return allocateShared(this.stride * sets);
  }

  /** All numbers of set number `set`, with the gaps between the arrays. */
  whole({ buffer, offset }: SharedMemory, set = 0): ArrayOf[K] {
    const kind = this.constructorOf();
    return new kind(buffer, offset + set * this.stride, this.stride / arrays[this.kind].BYTES_PER_ELEMENT);
  }

  /** The arrays of set number `set`. */
  views({ buffer, offset }: SharedMemory, set = 0): ArrayOf[K][] {
    const base = offset + set * this.stride;
    const kind = this.constructorOf();
    return this.lengths.map((length, i) => new kind(buffer, base + this.starts[i]!, length));
  }
}
