import { type Attribute, eagerSetters, setAttribute } from './attributes';
import { assertGives, assertTakes, type Callable } from './callable';
import { capi, cString, type Pointer } from './capi';
import { describeCall } from './describe';
import { shapeOf, typeOf } from './handle';
import type { NativeContext } from './nativeContext';
import type { Notes } from './notes';
import type { Status } from './status';

/** The TFE_Op of a context, by which all operations and compiled functions run in turn: cheaper to reset than to make. */
export class Operation {
  private readonly c = capi();
  private readonly setters = eagerSetters();
  private readonly outputCount = new Int32Array(1);

  constructor(
    private readonly native: NativeContext,
    private readonly notes: Notes,
    private readonly status: Status,
    /** Throws what the status says of the call that was made last. */
    private readonly check: (what: () => string) => void,
  ) {}

  /**
   * Runs an operation or function.
   * @returns TFE_TensorHandles at the start of an array, which the next call overwrites
   */
  run(
    called: Callable,
    attributes: readonly Attribute[],
    inputs: readonly Pointer[],
    outputs: number,
  ): BigUint64Array {
    const { c, notes, status } = this;
    const { pointer: context, deviceName } = this.native;
    const here = this.onThisThread(called, attributes);
    const { pointer, attributes: given } = here ?? { pointer: called.pointer, attributes };
    assertTakes(called, inputs.length);
    if (!called.outputs.hasLists) assertGives(called, called.outputs.single, outputs);
    const made = notes.room(outputs);
    let op = notes.operation[0]!;
    if (op !== 0n) c.TFE_OpReset(op, pointer, deviceName, status.pointer);
    else op = notes.operation[0] = c.TFE_NewOp(context, pointer, status.pointer) ?? 0n;
    try {
      status.check(called.title);
      if (deviceName !== null) c.TFE_OpSetDevice(op, deviceName, status.pointer);
      for (const input of inputs) c.TFE_OpAddInput(op, input, status.pointer);
      for (const attribute of given) setAttribute(this.setters, op, attribute, status);
      if (called.outputs.hasLists) assertGives(called, this.outputLength(called, op, inputs), outputs);
      this.outputCount[0] = outputs;
      if (here) c.TFE_ContextSetRunEagerOpAsFunction(context, 1, status.pointer);
      c.TFE_Execute(op, made, this.outputCount, status.pointer);
      this.check(() => this.describe(called, inputs));
    } catch (error) {
      this.dispose();
      throw error;
    } finally {
      if (here) c.TFE_ContextSetRunEagerOpAsFunction(context, 0, status.pointer);
    }
    return made;
  }

  /**
   * How to run a compiled function on the thread that calls it. TensorFlow hands one that is called by its name to a thread of its own and
   * back, which takes 0.1 ms, and longer where all cores are taken. The operation that calls it, as long as operations are run as functions,
   * is computed where it is called, one kernel after the other.
   */
  private onThisThread({ caller }: Callable, attributes: readonly Attribute[]): Callable['caller'] {
    const isPlain = attributes.length === 0; // a program of XLA runs here anyway
    return isPlain && this.native.device.type === 'CPU' ? caller : undefined;
  }

  /** How many tensors an operation with lists among its outputs gives, now that its attributes are set. */
  private outputLength(called: Callable, op: Pointer, inputs: readonly Pointer[]): number {
    const { c, status } = this;
    let length = called.outputs.single;
    for (const { name, isList } of called.outputs.arguments) {
      if (!isList) continue;
      length += c.TFE_OpGetOutputLength(op, cString(name), status.pointer);
      status.check(() => this.describe(called, inputs));
    }
    return length;
  }

  private describe({ title }: Callable, inputs: readonly Pointer[]): string {
    return describeCall(
      title,
      inputs.map((input) => ({ dtype: typeOf(input), shape: shapeOf(input, this.status) })),
    );
  }

  /** Another is made if there is one more to run. */
  dispose(): void {
    const { c, notes } = this;
    const op = notes.operation[0]!;
    notes.operation[0] = 0n;
    if (op !== 0n) c.TFE_DeleteOp(op);
  }
}
