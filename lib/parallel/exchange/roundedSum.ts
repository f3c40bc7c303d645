import type { Context, Handle } from '../../engine/native/context';
import { DataType } from '../../engine/native/dtype';
import { allocateShared } from '../../engine/native/memory';
import { typeAttribute, intAttribute } from '../../engine/native/attributes';
import type { Speaker } from './speaker';
import { narrowed, widened } from './rounding';

const { bfloat16, float32 } = DataType;

/** Numbers of a share are a multiple of this, so that each lies where TensorFlow can use it in place. */
const ALIGNED = 32;
/** Numbers that a process adds up at a time. */
const MOST = 2 ** 24;

/** Some of the numbers, and what of the messages holds them. */
interface Part {
  values: Float32Array;
  handle: Handle;
  rounded: Uint16Array;
  roundedHandle: Handle;
}

/**
 * Adds up over processes with 16 bits for a number on its way, which is half the traffic: every process is sent its share of the numbers
 * by all, adds up in 32 bits, and sends all the rounded sum. MPI itself knows no such numbers.
 */
export class RoundedSum {
  private readonly parts: readonly Part[];
  /** A share of each process, to be sent; what was received; and the sum of this process's share. */
  private readonly sent: Uint16Array;
  private readonly received: Uint16Array;
  private readonly shares: readonly Handle[];
  private readonly own: Uint16Array;

  /** @param values aligned shared memory */
  constructor(
    private readonly context: Context,
    values: Float32Array,
    private readonly speaker: Speaker,
  ) {
    const { processes } = speaker;
    const share = Math.min(MOST, ALIGNED * Math.ceil(values.length / processes / ALIGNED));
    const make = (length: number): Uint16Array => {
      const { buffer, offset } = allocateShared(2 * length);
      return new Uint16Array(buffer, offset, length);
    };
    this.sent = make(processes * share);
    this.received = make(processes * share);
    this.own = make(share);
    this.shares = Array.from({ length: processes }, (_, process) =>
      context.share(bfloat16, [share], this.received.subarray(process * share, (process + 1) * share)),
    );
    const parts: Part[] = [];
    for (let from = 0; from < values.length; from += processes * share) {
      const some = values.subarray(from, from + processes * share);
      const rounded = this.sent.subarray(0, some.length);
      parts.push({
        values: some,
        handle: context.share(float32, [some.length], some),
        rounded,
        roundedHandle: context.share(bfloat16, [some.length], rounded),
      });
    }
    this.parts = parts;
  }

  sum(): void {
    for (const part of this.parts) this.sumOf(part);
  }

  private sumOf({ values, handle, rounded, roundedHandle }: Part): void {
    const { context, speaker, sent, received, own } = this;
    this.write(narrowed(context, handle), rounded);
    speaker.swap(sent, received);
    const wide = this.shares.map((share) => widened(context, share));
    const attributes = [intAttribute('N', wide.length), typeAttribute('T', float32)];
    const [total] = context.execute('AddN', attributes, wide, 1) as [Handle];
    this.write(narrowed(context, total), own);
    for (const each of [...wide, total]) context.free(each);
    speaker.gather(own, sent);
    this.write(widened(context, roundedHandle), values);
  }

  /** Writes a tensor's values, and frees it. */
  private write(handle: Handle, target: Float32Array | Uint16Array): void {
    this.context.readInto(handle, target);
    this.context.free(handle);
  }
}
