import koffi from 'koffi';
import { CredenceError } from '../errors';
import { type Shape, sizeOf, type TypedArray } from '../ndarray';
import { type Attribute, eagerSetters, setAttribute } from './attributes';
import { capi, cString, type Pointer } from './capi';
import { configuration, type Device, listDevices } from './devices';
import type { FunctionDefinition } from './functions';
import { bytesPerElement, DataType, nameOf } from './dtype';
import { loadLibraries, quietly } from './library';
import { Status } from './status';
import { arrays, type Values } from './values';

/** A TFE_TensorHandle: a tensor that lives in TensorFlow. Whoever got it frees it with `Context.free`. */
export type Handle = Pointer;

export interface ContextOptions {
  /** The device that operations run on: its index among the GPUs, or undefined for the CPU. */
  gpu?: number;
  /** Threads that one operation may use on the CPU. */
  threads?: number;
}

/** C reads as many bytes as a shape needs, whatever it was given: a wrong number of them must never reach it. */
function assertFills(type: number, shape: Shape, bytes: number): void {
  const each = bytesPerElement.get(type);
  if (each === undefined)
    throw new CredenceError('E_ENGINE', `tensors of type ${nameOf(type)} cannot be made of values`);
  if (bytes === each * sizeOf(shape)) return;
  throw new CredenceError(
    'E_SHAPE',
    `${bytes} bytes do not fill a tensor of shape [${shape.join(', ')}], which needs ${each * sizeOf(shape)}`,
  );
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
  private readonly functions = new Set<string>();
  private outputs = new BigUint64Array(16);
  private readonly outputCount = new Int32Array(1);
  private disposed = false;

  constructor({ gpu, threads = 1 }: ContextOptions = {}) {
    const { c, status } = this;
    const options = c.TFE_NewContextOptions();
    const config = configuration(threads);
    c.TFE_ContextOptionsSetConfig(options, config, config.length, status.pointer);
    this.pointer = quietly(loadLibraries().c, () => c.TFE_NewContext(options, status.pointer));
    c.TFE_DeleteContextOptions(options);
    status.check('a new context');
    this.devices = listDevices(this.pointer, status);
    const gpus = this.devices.filter(({ type }) => type === 'GPU');
    const device = gpu === undefined ? this.devices.find(({ type }) => type === 'CPU') : gpus[gpu];
    if (!device)
      throw new CredenceError('E_ENGINE', `there is no GPU ${gpu}: TensorFlow sees ${gpus.length} GPUs`);
    this.device = device;
    this.deviceName = gpus.length > 0 ? cString(device.name) : null; // with one CPU alone, placement needs no help
  }

  /** Copies values into a new tensor on this context's device. */
  tensor(type: number, shape: Shape, values: ArrayBufferView): Handle {
    const { c, status } = this;
    this.assertAlive();
    assertFills(type, shape, values.byteLength);
    const dims = BigInt64Array.from(shape, BigInt);
    const tensor = c.TF_AllocateTensor(type, dims, dims.length, values.byteLength);
    if (values.byteLength > 0) c.memcpy(c.TF_TensorData(tensor), values, values.byteLength);
    const handle = this.adopt(tensor);
    if (this.device.type === 'CPU' || type === DataType.int32) return handle; // TensorFlow keeps int32 in host memory
    const copy = c.TFE_TensorHandleCopyToDevice(handle, this.pointer, this.deviceName, status.pointer);
    this.free(handle);
    status.check(`a tensor of shape [${shape.join(', ')}] on ${this.device.name}`);
    return copy;
  }

  /** A tensor of strings; each value is UTF-8 text or bytes. */
  strings(shape: Shape, values: readonly (string | Uint8Array)[]): Handle {
    const { c } = this;
    this.assertAlive();
    const bytesPerString = bytesPerElement.get(DataType.string)!;
    assertFills(DataType.string, shape, values.length * bytesPerString);
    const dims = BigInt64Array.from(shape, BigInt);
    const tensor = c.TF_AllocateTensor(DataType.string, dims, dims.length, values.length * bytesPerString);
    const data = c.TF_TensorData(tensor);
    values.forEach((value, i) => {
      const at = data + BigInt(bytesPerString * i);
      const bytes = typeof value === 'string' ? Buffer.from(value) : value;
      c.TF_StringInit(at);
      c.TF_StringCopy(at, bytes, bytes.length);
    });
    return this.adopt(tensor);
  }

  /**
   * A tensor that shares the memory of `values` (no copy), on the CPU; on a GPU it is copied.
   * The caller keeps `values` alive as long as the tensor, and does not write to it while an operation runs.
   */
  share(type: number, shape: Shape, values: ArrayBufferView): Handle {
    if (this.device.type !== 'CPU' || values.byteLength === 0) return this.tensor(type, shape, values);
    const { c } = this;
    this.assertAlive();
    assertFills(type, shape, values.byteLength);
    const dims = BigInt64Array.from(shape, BigInt);
    // TensorFlow insists on a deallocator. The memory is JavaScript's, so give it a C function that does nothing to it
    const nothing = c.dlsym(null, cString('getpid'));
    return this.adopt(
      c.TF_NewTensor(type, dims, dims.length, koffi.address(values), values.byteLength, nothing, null),
    );
  }

  private adopt(tensor: Pointer): Handle {
    const handle = this.c.TFE_NewTensorHandle(tensor, this.status.pointer);
    this.c.TF_DeleteTensor(tensor);
    this.status.check('a new tensor');
    return handle;
  }

  /** Runs one operation or compiled function. The inputs stay the caller's; the outputs become the caller's. */
  execute(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly Handle[],
    outputs: number,
  ): Handle[] {
    const { c, status } = this;
    this.assertAlive();
    let op = this.idle.pop();
    if (op === undefined) op = c.TFE_NewOp(this.pointer, cString(name), status.pointer);
    else c.TFE_OpReset(op, cString(name), this.deviceName, status.pointer);
    try {
      status.check(name);
      if (this.deviceName !== null) c.TFE_OpSetDevice(op, this.deviceName, status.pointer);
      for (const input of inputs) c.TFE_OpAddInput(op, input, status.pointer);
      status.check(`the inputs of ${name}`);
      for (const attribute of attributes) setAttribute(this.setters, op, attribute, status);
      // TFE_Execute writes as many handles as the operation has outputs: never give it a smaller buffer
      if (outputs > this.outputs.length) this.outputs = new BigUint64Array(2 * outputs);
      this.outputCount[0] = outputs;
      c.TFE_Execute(op, this.outputs, this.outputCount, status.pointer);
      status.check(name);
    } catch (error) {
      if (op) c.TFE_DeleteOp(op);
      throw error;
    }
    this.idle.push(op);
    return Array.from(this.outputs.subarray(0, this.outputCount[0]));
  }

  typeOf(handle: Handle): number {
    this.assertAlive();
    return this.c.TFE_TensorHandleDataType(handle);
  }

  shapeOf(handle: Handle): number[] {
    const { c, status } = this;
    this.assertAlive();
    const rank = c.TFE_TensorHandleNumDims(handle, status.pointer);
    return Array.from({ length: rank }, (_, axis) =>
      Number(c.TFE_TensorHandleDim(handle, axis, status.pointer)),
    );
  }

  /** The values of a tensor, copied. Waits for the device. */
  read(handle: Handle): Values {
    const type = this.typeOf(handle);
    if (type === DataType.string)
      return this.withData(handle, (data, bytes) => this.readStrings(data, bytes / 24));
    const ArrayType = arrays[type as keyof typeof arrays];
    if (!ArrayType) throw new CredenceError('E_ENGINE', `values of type ${nameOf(type)} cannot be read`);
    return this.withData(handle, (data, bytes) => {
      const values = new ArrayType(bytes / ArrayType.BYTES_PER_ELEMENT);
      if (bytes > 0) this.c.memcpy(values, data, bytes);
      return values;
    });
  }

  /** Copies the values of a tensor into `target` (of the same byte length), which may be shared memory. */
  readInto(handle: Handle, target: ArrayBufferView): void {
    this.withData(handle, (data, bytes) => {
      if (bytes !== target.byteLength) {
        throw new CredenceError(
          'E_SHAPE',
          `a tensor of ${bytes} bytes does not fit ${target.byteLength} bytes`,
        );
      }
      this.c.memcpy(target, data, bytes);
    });
  }

  /** The value of a scalar, which is freed. */
  takeScalar(handle: Handle): number {
    const value = Number((this.read(handle) as TypedArray)[0]);
    this.free(handle);
    return value;
  }

  private withData<T>(handle: Handle, use: (data: Pointer, bytes: number) => T): T {
    const { c, status } = this;
    const tensor = this.resolve(handle);
    try {
      return use(c.TF_TensorData(tensor), c.TF_TensorByteSize(tensor));
    } finally {
      c.TF_DeleteTensor(tensor);
      status.check('a read');
    }
  }

  /** The TF_Tensor behind a handle; the caller deletes it. */
  resolve(handle: Handle): Pointer {
    this.assertAlive();
    const tensor = this.c.TFE_TensorHandleResolve(handle, this.status.pointer);
    this.status.check('a read of a tensor');
    return tensor;
  }

  private readStrings(data: Pointer, length: number): Uint8Array[] {
    const { c } = this;
    return Array.from({ length }, (_, i) => {
      const at = data + BigInt(24 * i);
      const bytes = new Uint8Array(c.TF_StringGetSize(at));
      if (bytes.length > 0) c.memcpy(bytes, c.TF_StringGetDataPointer(at), bytes.length);
      return bytes;
    });
  }

  free(handle: Handle): void {
    if (!this.disposed) this.c.TFE_DeleteTensorHandle(handle);
  }

  /** Makes functions known to this context; those it knows already are skipped. Nested functions come first. */
  load(definitions: readonly FunctionDefinition[]): void {
    const { c, status } = this;
    for (const { name, bytes } of definitions) {
      if (this.functions.has(name)) continue;
      c.TFE_ContextAddFunctionDef(this.pointer, bytes, bytes.length, status.pointer);
      status.check(`the function ${name}`);
      this.functions.add(name);
    }
  }

  private assertAlive(): void {
    if (this.disposed) throw new CredenceError('E_DISPOSED', 'this TensorFlow context was disposed');
  }

  /** Frees the context with its thread and functions. A second call does nothing. */
  dispose(): void {
    if (this.disposed) return;
    for (const op of this.idle) this.c.TFE_DeleteOp(op);
    this.c.TFE_DeleteContext(this.pointer);
    this.disposed = true;
    this.status.dispose();
  }
}
