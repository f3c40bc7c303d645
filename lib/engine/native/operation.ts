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
    assertTakes(called, inputs.length);
    if (!called.outputs.hasLists) assertGives(called, called.outputs.single, outputs);
    const made = notes.room(outputs);
    let op = notes.operation[0]!;
    if (op !== 0n) c.TFE_OpReset(op, called.pointer, deviceName, status.pointer);
    else op = notes.operation[0] = c.TFE_NewOp(context, called.pointer, status.pointer) ?? 0n;
    try {
      status.check(called.title);
      if (deviceName !== null) c.TFE_OpSetDevice(op, deviceName, status.pointer);
      for (const input of inputs) c.TFE_OpAddInput(op, input, status.pointer);
      for (const attribute of attributes) setAttribute(this.setters, op, attribute, status);
      if (called.outputs.hasLists) assertGives(called, this.outputLength(called, op, inputs), outputs);
      this.outputCount[0] = outputs;
      c.TFE_Execute(op, made, this.outputCount, status.pointer);
      this.check(() => this.describe(called, inputs));
    } catch (error) {
      this.dispose();
      throw error;
    }
    return made;
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
