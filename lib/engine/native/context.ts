import { CredenceError } from '../../errors';
import type { Shape } from '../../ndarray';
import { type Attribute, eagerSetters, setAttribute, typeAttribute } from './attributes';
import { assertGives, assertTakes, type Callable, callable } from './callable';
import { capi, cString, type Pointer } from './capi';
import { describe, describeCall } from './describe';
import { configuration, type Device, listDevices } from './devices';
import type { FunctionDefinition } from './functions';
import { DataType, isHalf } from './dtype';
import { type Handle, Handles } from './handle';
import { loadLibraries, quietly } from './library';
import { opDef, signatureOf } from './opDef';
import { readableAs, resolveLater, takeValues } from './readback';
import { Status } from './status';
import { copyOf, sharedTensor, stringTensor } from './tensors';
import type { Values } from './values';

export type { Handle };

export interface ContextOptions {
  /** The device that operations run on: its index among the GPUs, or undefined for the CPU. */
  gpu?: number;
  /** Without a GPU: the index of the CPU device that operations run on. Default 0, the only one. */
  cpu?: number;
  /** CPU devices that TensorFlow makes of the processor, to test what takes several. Default 1. */
  virtualDevices?: number;
  /** Threads that one operation may use on the CPU. */
  threads?: number;
  /**
   * Operations return before they are computed, and what goes wrong is an error of the next read. Default false; a GPU computes beside
   * JavaScript either way.
   */
  asynchronous?: boolean;
}

/** A TensorFlow eager context on one device: owns its tensors' memory, its thread and its compiled functions. */
export class Context {
  readonly device: Device;
  readonly devices: readonly Device[];
  readonly status = new Status();
  private readonly c = capi();
  private readonly pointer: Pointer;
  private readonly deviceName: Pointer | null;
  private readonly setters = eagerSetters();
  private readonly idle: Pointer[] = []; // TFE_Op objects to use again: cheaper to reset than to make
  private readonly callables = new Map<string, Callable>();
  private readonly handles = new Handles();
  private outputs = new BigUint64Array(16);
  private readonly outputCount = new Int32Array(1);
  private readonly asynchronous: boolean;
  private shares = false; // some tensor of it may be memory of JavaScript
  private readers = 0; // that have not ended
  private disposed = false;

  constructor({ gpu, cpu = 0, virtualDevices, threads = 1, asynchronous = false }: ContextOptions = {}) {
    const { c, status } = this;
    this.asynchronous = asynchronous;
    const options = c.TFE_NewContextOptions();
    const config = configuration(threads, virtualDevices);
    c.TFE_ContextOptionsSetConfig(options, config, config.length, status.pointer);
    if (asynchronous) c.TFE_ContextOptionsSetAsync(options, 1);
    this.pointer = quietly(loadLibraries().c, () => c.TFE_NewContext(options, status.pointer));
    c.TFE_DeleteContextOptions(options);
    status.check('a new context');
    this.devices = listDevices(this.pointer, status);
    const [type, index] = gpu === undefined ? ['CPU', cpu] : ['GPU', gpu];
    const candidates = this.devices.filter((device) => device.type === type);
    const device = candidates[index];
    if (!device) {
      throw new CredenceError(
        'E_ENGINE',
        `there is no ${type} ${index}: TensorFlow sees ${candidates.length} ${type}s`,
      );
    }
    this.device = device;
    this.deviceName = this.devices.length > 1 ? cString(device.name) : null; // with one CPU alone, placement needs no help
  }

  /**
   * Copies values into a new tensor on this context's device.
   * @param values as many bytes as the tensor has; for a type of two-byte floating-point numbers (bfloat16, float16) either its bits, or
   *   a Float32Array, whose numbers are rounded to the nearest, ties to even
   * @throws CredenceError E_SHAPE if they do not fill the shape, E_ENGINE for a type that has no values, E_MEMORY
   */
  tensor(type: number, shape: Shape, values: ArrayBufferView): Handle {
    this.assertAlive();
    if (isHalf(type) && values instanceof Float32Array) {
      return this.using(this.tensor(DataType.float32, shape, values), (wide) =>
        this.cast(wide, DataType.float32, type),
      );
    }
    const handle = this.adopt(copyOf(type, shape, values));
    if (this.device.type === 'CPU' || type === DataType.int32) return handle; // TensorFlow keeps int32 in host memory
    const { c, status } = this;
    return this.using(handle, () => {
      const copy = c.TFE_TensorHandleCopyToDevice(
        handle.pointer,
        this.pointer,
        this.deviceName,
        status.pointer,
      );
      status.check(() => `a tensor of ${describe(type, shape)} on ${this.device.name}`);
      return this.handles.add(copy);
    });
  }

  /** Makes something of a tensor, which is freed. */
  private using<T>(handle: Handle, make: (handle: Handle) => T): T {
    try {
      return make(handle);
    } finally {
      this.free(handle);
    }
  }

  private cast(handle: Handle, from: number, to: number): Handle {
    return this.execute('Cast', [typeAttribute('SrcT', from), typeAttribute('DstT', to)], [handle], 1)[0]!;
  }

  /** A tensor of strings; each value is UTF-8 text or bytes. */
  strings(shape: Shape, values: readonly (string | Uint8Array)[]): Handle {
    this.assertAlive();
    const { tensor, freeText } = stringTensor(shape, values);
    // Nobody frees the text of a tensor that was made of our strings, so what is kept is a copy, whose text is TensorFlow's own
    return this.using(this.adopt(tensor), (ours) => {
      const [copy] = this.execute('DeepCopy', [typeAttribute('T', DataType.string)], [ours], 1);
      this.c.TF_DeleteTensor(this.resolve(copy!)); // it is computed when this returns
      freeText();
      return copy!;
    });
  }

  /**
   * A tensor that shares the memory of `values` (no copy), on the CPU; on a GPU it is copied.
   * The caller keeps `values` alive as long as the tensor, and does not write to it while an operation runs.
   */
  share(type: number, shape: Shape, values: ArrayBufferView): Handle {
    if (this.device.type !== 'CPU' || values.byteLength === 0) return this.tensor(type, shape, values);
    this.assertAlive();
    this.shares = true;
    return this.adopt(sharedTensor(type, shape, values));
  }

  /** A TF_Tensor, which is taken over, as a tensor of this context. */
  adopt(tensor: Pointer): Handle {
    const handle = this.c.TFE_NewTensorHandle(tensor, this.status.pointer);
    this.c.TF_DeleteTensor(tensor);
    this.status.check('a new tensor');
    return this.handles.add(handle);
  }

  /** What is known of an operation, or of a function that was loaded. */
  private callable(name: string): Callable {
    let known = this.callables.get(name);
    if (known === undefined) this.callables.set(name, (known = callable(name, opDef(name))));
    return known;
  }

  /**
   * Runs one operation or compiled function. The inputs stay the caller's; the outputs become the caller's.
   * @param outputs how many there are
   * @throws CredenceError E_ENGINE if TensorFlow refuses, or gives another number of outputs; E_MEMORY if there is not enough memory;
   *   E_DISPOSED if an input was freed. The context is whole after each of them
   */
  execute(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly Handle[],
    outputs: number,
  ): Handle[] {
    const { c, status } = this;
    this.assertAlive();
    const called = this.callable(name);
    assertTakes(called, inputs.length);
    if (!called.outputs.hasLists) assertGives(called, called.outputs.single, outputs);
    let op = this.idle.pop();
    if (op === undefined) op = c.TFE_NewOp(this.pointer, called.pointer, status.pointer);
    else c.TFE_OpReset(op, called.pointer, this.deviceName, status.pointer);
    try {
      status.check(name);
      if (this.deviceName !== null) c.TFE_OpSetDevice(op, this.deviceName, status.pointer);
      for (const input of inputs) c.TFE_OpAddInput(op, this.handles.pointerOf(input), status.pointer);
      for (const attribute of attributes) setAttribute(this.setters, op, attribute, status);
      if (called.outputs.hasLists) assertGives(called, this.outputLength(called, op, inputs), outputs);
      if (outputs > this.outputs.length) this.outputs = new BigUint64Array(2 * outputs);
      this.outputCount[0] = outputs;
      c.TFE_Execute(op, this.outputs, this.outputCount, status.pointer);
      this.check(() => this.describe(called, inputs));
    } catch (error) {
      if (op) c.TFE_DeleteOp(op);
      throw error;
    }
    this.idle.push(op);
    const results: Handle[] = [];
    for (let i = 0; i < outputs; i++) results.push(this.handles.add(this.outputs[i]!));
    return results;
  }

  /** How many tensors an operation with lists among its outputs gives, now that its attributes are set. */
  private outputLength(called: Callable, op: Pointer, inputs: readonly Handle[]): number {
    const { c, status } = this;
    let length = called.outputs.single;
    for (const { name, isList } of called.outputs.arguments) {
      if (!isList) continue;
      length += c.TFE_OpGetOutputLength(op, cString(name), status.pointer);
      status.check(() => this.describe(called, inputs));
    }
    return length;
  }

  private describe({ title }: Callable, inputs: readonly Handle[]): string {
    return describeCall(
      title,
      inputs.map((input) => ({ dtype: this.typeOf(input), shape: this.shapeOf(input) })),
    );
  }

  typeOf(handle: Handle): number {
    this.assertAlive();
    return this.c.TFE_TensorHandleDataType(this.handles.pointerOf(handle));
  }

  shapeOf(handle: Handle): number[] {
    const { c, status } = this;
    this.assertAlive();
    const pointer = this.handles.pointerOf(handle);
    const rank = c.TFE_TensorHandleNumDims(pointer, status.pointer);
    const shape: number[] = [];
    for (let axis = 0; axis < rank; axis++)
      shape.push(Number(c.TFE_TensorHandleDim(pointer, axis, status.pointer)));
    return shape;
  }

  /** The name of the device that a tensor lives on. */
  deviceOf(handle: Handle): string {
    const { c, status } = this;
    this.assertAlive();
    const name = c.TFE_TensorHandleDeviceName(this.handles.pointerOf(handle), status.pointer);
    status.check('the device of a tensor');
    return name;
  }

  /**
   * The values of a tensor. Waits for the device. A large array may be the memory of the tensor itself (no copy): who wants to change it
   * copies it first. The types of two-byte floating-point numbers (bfloat16, float16) come as float32.
   * @throws CredenceError E_ENGINE for a type that JavaScript has no array for
   */
  read(handle: Handle): Values {
    const type = this.typeOf(handle);
    if (isHalf(type)) return this.using(this.cast(handle, type, DataType.float32), (wide) => this.read(wide));
    if (type !== DataType.string) readableAs(type);
    return takeValues(this.resolve(handle), type, this.mayView);
  }

  /**
   * As `read`, but does not block this thread while the device computes. On a CPU there is nothing to wait for: an operation is done
   * when it returns.
   */
  async readLater(handle: Handle): Promise<Values> {
    if (this.device.type === 'CPU' && !this.asynchronous) return this.read(handle);
    const { c, status } = this;
    const type = this.typeOf(handle);
    if (isHalf(type)) {
      const wide = this.cast(handle, type, DataType.float32);
      return this.readLater(wide).finally(() => this.free(wide));
    }
    if (type !== DataType.string) readableAs(type);
    // the reader's own reference: the tensor may be freed, and even the context disposed, before it is read
    const pointer = c.TFE_TensorHandleCopySharingTensor(this.handles.pointerOf(handle), status.pointer);
    status.check('a read of a tensor');
    this.readers++;
    try {
      return takeValues(await resolveLater(pointer), type, this.mayView);
    } catch (error) {
      this.recover();
      throw error;
    } finally {
      c.TFE_DeleteTensorHandle(pointer);
      if (--this.readers === 0 && this.disposed) this.delete();
    }
  }

  /** A view may outlive the tensor, but not memory that is JavaScript's and was only lent to it. */
  private get mayView(): boolean {
    return !this.shares;
  }

  /** Copies the values of a tensor into `target` (of the same byte length), which may be shared memory. */
  readInto(handle: Handle, target: ArrayBufferView): void {
    const { c } = this;
    const tensor = this.resolve(handle);
    try {
      const bytes = c.TF_TensorByteSize(tensor);
      if (bytes !== target.byteLength) {
        throw new CredenceError(
          'E_SHAPE',
          `a tensor of ${bytes} bytes does not fit ${target.byteLength} bytes`,
        );
      }
      if (bytes > 0) c.memcpy(target, c.TF_TensorData(tensor), bytes);
    } finally {
      c.TF_DeleteTensor(tensor);
    }
  }

  /** The TF_Tensor behind a handle; the caller deletes it. */
  resolve(handle: Handle): Pointer {
    this.assertAlive();
    const tensor = this.c.TFE_TensorHandleResolve(this.handles.pointerOf(handle), this.status.pointer);
    this.check('a read of a tensor');
    return tensor;
  }

  /** As the status does, and forgets an error that came late: the operations after it would all have it, too. */
  private check(what: string | (() => string)): void {
    try {
      this.status.check(what);
    } catch (error) {
      this.recover();
      throw error;
    }
  }

  private recover(): void {
    if (!this.asynchronous || this.disposed) return;
    const { c } = this;
    const executor = c.TFE_ContextGetExecutorForThread(this.pointer);
    c.TFE_ExecutorClearError(executor);
    c.TFE_DeleteExecutor(executor);
  }

  /**
   * Gives a tensor back. A second time does nothing.
   * @throws CredenceError E_DISPOSED for a tensor of another context
   */
  free(handle: Handle): void {
    const pointer = this.handles.remove(handle);
    if (pointer !== null) this.c.TFE_DeleteTensorHandle(pointer);
  }

  /** Tensors that were not freed yet. */
  get liveTensors(): number {
    return this.handles.size;
  }

  /** Makes functions known to this context; those it knows already are skipped. Nested functions come first. */
  load(definitions: readonly FunctionDefinition[]): void {
    const { c, status } = this;
    this.assertAlive();
    for (const { name, bytes } of definitions) {
      if (this.callables.has(name)) continue;
      c.TFE_ContextAddFunctionDef(this.pointer, bytes, bytes.length, status.pointer);
      status.check(`the function ${name}`);
      this.callables.set(name, callable(name, signatureOf(bytes), 'a compiled function'));
    }
  }

  private assertAlive(): void {
    if (this.disposed) throw new CredenceError('E_DISPOSED', 'this TensorFlow context was disposed');
  }

  /** Frees the context with its tensors, thread and functions. A second call does nothing. */
  dispose(): void {
    if (this.disposed) return;
    for (const handle of this.handles) this.free(handle);
    for (const op of this.idle) this.c.TFE_DeleteOp(op);
    this.disposed = true;
    if (this.readers === 0) this.delete();
  }

  /** Only when no other thread reads a tensor any more. */
  private delete(): void {
    this.c.TFE_DeleteContext(this.pointer);
    this.status.dispose();
  }
}
