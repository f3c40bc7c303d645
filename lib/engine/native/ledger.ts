import { CredenceError } from '../../errors';
import { capi, type Pointer } from './capi';
import type { Notes } from './notes';

/** Tensors that one call may give. */
const MOST_OUTPUTS = 1 << 12;

/** Tensors that may live at a time: 2 MB, of which the machine gives what is used. */
const MOST_TENSORS = 1 << 18;

// Words of the header
const [HELD, USED] = [0, 1];

// Places, of a pointer each
const OPERATION = 1;
const TENSOR = 2;
const MADE = 3;
const KEPT = MADE + MOST_OUTPUTS;
const PLACES = KEPT + MOST_TENSORS;

/**
 * The pointers that the borrower of a context must free, in memory that outlives its thread: if the thread is ended, whoever comes next
 * frees them. A place holds a pointer from when C gave it until just before it is freed, or 0.
 *
 *     | HELD, USED | operation | tensor | made: of the present call | kept: USED places so far, of handles |
 *
 * Only the borrower writes, and only when it has ended another thread does.
 */
export class Ledger implements Notes {
  readonly operation: BigUint64Array;
  readonly tensor: BigUint64Array;
  private readonly header: Int32Array;
  private readonly made: BigUint64Array;
  private readonly kept: BigUint64Array;
  private readonly vacant: number[] = []; // places that were struck out

  constructor(memory: SharedArrayBuffer) {
    const places = new BigUint64Array(memory);
    this.header = new Int32Array(memory, 0, 2);
    this.operation = places.subarray(OPERATION, OPERATION + 1);
    this.tensor = places.subarray(TENSOR, TENSOR + 1);
    this.made = places.subarray(MADE, KEPT);
    this.kept = places.subarray(KEPT);
  }

  static allocate(): SharedArrayBuffer {
    return new SharedArrayBuffer(PLACES * BigUint64Array.BYTES_PER_ELEMENT);
  }

  /** Whether somebody borrowed the context and did not give it back. */
  get held(): boolean {
    return Atomics.load(this.header, HELD) === 1;
  }

  set held(held: boolean) {
    Atomics.store(this.header, HELD, held ? 1 : 0);
  }

  room(count: number): BigUint64Array {
    if (count > MOST_OUTPUTS) {
      throw new CredenceError(
        'E_MEMORY',
        `one call gives at most ${MOST_OUTPUTS} tensors in a borrowed context, and ${count} were asked for: divide it into several`,
      );
    }
    if (this.header[USED]! - this.vacant.length + count > MOST_TENSORS) {
      throw new CredenceError(
        'E_MEMORY',
        `a borrowed context holds at most ${MOST_TENSORS} tensors: dispose of those that are not needed any more`,
      );
    }
    return this.made;
  }

  /** Keeps a handle. @returns its place */
  enter(pointer: Pointer): number {
    const place = this.vacant.pop() ?? this.header[USED]!++; // a place counts as used before it is
    this.kept[place] = pointer;
    return place;
  }

  /** To be called just before the handle is freed: one that is lost is better than one that is freed twice. */
  strike(place: number): void {
    this.kept[place] = 0n;
    this.vacant.push(place);
  }

  private get used(): BigUint64Array {
    return this.kept.subarray(0, this.header[USED]);
  }

  /** How many tensors there are. */
  get tensors(): number {
    return new Set([...this.used, ...this.made].filter((pointer) => pointer !== 0n)).size;
  }

  /** Frees whatever stands here. */
  clear(): void {
    const c = capi();
    const { made, used } = this;
    const kept = new Set(used);
    // a thread may have ended after it kept a new handle and before it struck it out among the new ones
    made.forEach((pointer, i) => kept.has(pointer) && (made[i] = 0n));
    free(this.operation, c.TFE_DeleteOp);
    free(made, c.TFE_DeleteTensorHandle);
    free(used, c.TFE_DeleteTensorHandle);
    free(this.tensor, c.TF_DeleteTensor);
    this.header[USED] = 0;
    this.vacant.length = 0;
  }
}

function free(places: BigUint64Array, release: (pointer: Pointer) => void): void {
  for (let place = 0; place < places.length; place++) {
    const pointer = places[place]!;
    if (pointer === 0n) continue;
    places[place] = 0n;
    release(pointer);
  }
}
