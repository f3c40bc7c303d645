import { intAttribute, typeAttribute } from '../../engine/native/attributes';
import { Caller } from '../../engine/native/caller';
import type { Context, Handle } from '../../engine/native/context';
import { DataType } from '../../engine/native/dtype';
import { SharedArrays } from '../memory/shared';
import { Window, windowsOf } from '../memory/window';
import { narrowed, widened } from './rounding';
import type { Speaker } from './speaker';

const { bfloat16, float32 } = DataType;

/** Numbers of a share are a multiple of this, so that each lies where TensorFlow can use it in place. */
const ALIGNED = 32;
/** Numbers that a process adds up at a time. */
const MOST = 2 ** 24;

/** Some of the numbers, and what of the messages holds them. */
interface Part {
  values: Float32Array;
  wide: Window;
  rounded: Uint16Array;
  narrow: Window;
}

/**
 * Adds up over processes with 16 bits for a number on its way, which is half the traffic: every process is sent its share of the numbers
 * by all, adds up in 32 bits, and sends all the rounded sum. MPI itself knows no such numbers.
 */
export class RoundedSum {
  private readonly caller: Caller;
  private readonly parts: readonly Part[];
  /** A share of each process, to be sent; what was received; and the sum of this process's share. */
  private readonly sent: Uint16Array;
  private readonly received: Uint16Array;
  private readonly shares: readonly Window[];
  private readonly own: Uint16Array;

  /** @param values aligned shared memory */
  constructor(
    private readonly context: Context,
    values: Float32Array,
    private readonly speaker: Speaker,
  ) {
    const { processes } = speaker;
    const share = Math.min(MOST, ALIGNED * Math.ceil(values.length / processes / ALIGNED));
    const layout = new SharedArrays([processes * share, processes * share, share], 'bfloat16');
    const arrays = layout.views(layout.allocate(1)) as [Uint16Array, Uint16Array, Uint16Array];
    [this.sent, this.received, this.own] = arrays;
    this.caller = new Caller(context);
    this.shares = windowsOf(
      context,
      Array.from({ length: processes }, (_, process) =>
        this.received.subarray(process * share, (process + 1) * share),
      ),
      bfloat16,
    );
    const parts: Part[] = [];
    for (let from = 0; from < values.length; from += processes * share) {
      const some = values.subarray(from, from + processes * share);
      const rounded = this.sent.subarray(0, some.length);
      parts.push({
        values: some,
        wide: new Window(context, some),
        rounded,
        narrow: new Window(context, rounded, [some.length], bfloat16),
      });
    }
    this.parts = parts;
  }

  sum(): void {
    for (const part of this.parts) this.sumOf(part);
  }

  private sumOf({ values, wide, rounded, narrow }: Part): void {
    const { caller, context, speaker, sent, received, own } = this;
    caller.write(narrowed(context, wide.now), rounded);
    speaker.swap(sent, received);
    const shares = this.shares.map((share) => widened(context, share.now));
    const attributes = [intAttribute('N', shares.length), typeAttribute('T', float32)];
    const [total] = context.execute('AddN', attributes, shares, 1) as [Handle];
    caller.write(narrowed(context, total), own);
    caller.free([...shares, total]);
    speaker.gather(own, sent);
    caller.write(widened(context, narrow.now), values);
  }
}
