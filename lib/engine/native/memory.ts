import koffi from 'koffi';

/** TensorFlow uses memory in place (instead of copying it) only where it starts at a multiple of this. */
const ALIGNMENT = 64;

/** Memory that all threads of the process see, starting at an aligned address. */
export interface SharedMemory {
  buffer: SharedArrayBuffer;
  /** Byte offset of the aligned start; the same in every thread, as the address is. */
  offset: number;
  byteLength: number;
}

/** The least multiple of the alignment that holds so many bytes. */
export const roundUp = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

/** Zeroed shared memory that TensorFlow can use in place. */
export function allocateShared(byteLength: number): SharedMemory {
  const buffer = new SharedArrayBuffer(byteLength + ALIGNMENT);
  const address = Number(koffi.address(new Uint8Array(buffer)) % BigInt(ALIGNMENT));
  return { buffer, offset: (ALIGNMENT - address) % ALIGNMENT, byteLength };
}
