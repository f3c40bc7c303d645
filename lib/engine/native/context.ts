import { CredenceError } from '../../errors';
import { type Shape, sizeOf } from '../../ndarray';
import { type Attribute, typeAttribute } from './attributes';
import { Callables } from './callables';
import { capi, type Pointer } from './capi';
import { describe } from './describe';
import type { Device } from './devices';
import type { FunctionDefinition } from './functions';
import { bytesPerElement, DataType, isHalf } from './dtype';
import { type Handle, Handles, shapeOf, typeOf } from './handle';
import { type LentContext, Loan } from './loan';
import { type ContextOptions, createContext, type NativeContext, siblingOf } from './nativeContext';
import { type Notes, privateNotes } from './notes';
import { Operation } from './operation';
import { readableAs, resolveLater, takeValues } from './readback';
import { Status } from './status';
import { copyOf, sharedTensor, stringTensor } from './tensors';
import type { Values } from './values';

export type { ContextOptions, Handle, LentContext };

/**
 * A TensorFlow eager context on one device: owns its tensors' memory, its thread and its compiled functions. It may be lent to other
 * threads, one after the other, and outlives them (see `lend`).
 */
export class Context {
  readonly device: Device;
  readonly devices: readonly Device[];
  readonly status: Status;
  private readonly c = capi();
  private readonly native: NativeContext;
  private readonly pointer: Pointer;
  private readonly deviceName: Pointer | null;
  private readonly callables: Callables;
  private readonly operation: Operation;
  private readonly notes: Notes;
  private readonly handles: Handles;
  private readonly borrowed: boolean;
  private loan: Loan | undefined;
  private shares = false; // some tensor of it may be memory of JavaScript
  private readers = 0; // that have not ended
  private disposed = false;

  /** @param beside a context of this thread, which the new one has TensorFlow's state in common with: see `copyOf` */
  constructor(options: ContextOptions | Loan = {}, beside?: Context) {
    this.borrowed = options instanceof Loan;
    if (options instanceof Loan) {
      options.begin();
      this.loan = options;
      this.status = new Status(options.lent.status);
      this.native = options.lent.native;
      this.notes = options.ledger;
      this.handles = new Handles(options.ledger);
    } else {
      this.status = new Status();
      this.native = beside ? siblingOf(beside.native, options.gpu) : createContext(options, this.status);
      this.notes = privateNotes();
      this.handles = new Handles();
    }
    ({ pointer: this.pointer, deviceName: this.deviceName } = this.native);
    ({ device: this.device, devices: this.devices } = this.native);
    this.callables = new Callables(this.pointer, this.status);
    this.operation = new Operation(this.native, this.notes, this.status, (what) => this.check(what));
  }

  /**
   * Lends this context to other threads of the process: each passes what this returns to `Context.borrow`, when the one before it has
   * disposed of the context there or has ended, however it ended. This thread may use the context whenever nobody has it. What TensorFlow
   * has loaded and compiled stays.
   * @throws CredenceError E_ENGINE for an asynchronous context, whose operations would outlive a borrower, and for a borrowed one
   */
  lend(): LentContext {
    this.assertAlive();
    if (this.borrowed || this.native.asynchronous) {
      const kind = this.borrowed ? 'a borrowed' : 'an asynchronous';
      throw new CredenceError('E_ENGINE', `${kind} context cannot be lent: lend one of your own`);
    }
    this.loan ??= Loan.of(this.native, this.status.pointer);
    return this.loan.lent;
  }

  /**
   * A context of another thread (or of this one), until it is disposed of here or this thread ends. Tensors that an earlier borrower left
   * behind are freed.
   * @throws CredenceError E_ENGINE while another borrower has it
   */
  static borrow(lent: LentContext): Context {
    return new Context(new Loan(lent));
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
    const handle = this.adopt(copyOf(type, shape, values, this.notes.tensor));
    if (this.sharesMemory || type === DataType.int32) return handle; // TensorFlow keeps int32 in host memory
    return this.using(handle, ({ pointer }) => this.copyOf(pointer!));
  }

  /** Whether tensors may be memory of JavaScript: see `share`. */
  get sharesMemory(): boolean {
    return this.device.type === 'CPU';
  }

  /** What a context beside this one, in another thread, makes a copy of: it must not be freed meanwhile. */
  pointerOf(handle: Handle): Pointer {
    return this.handles.pointerOf(handle);
  }

  /**
   * A tensor of this context or of one beside it, on this context's device: it travels from device to device.
   * @throws CredenceError E_MEMORY if there is not enough memory
   */
  copyOf(pointer: Pointer): Handle {
    const { c, status } = this;
    this.assertAlive();
    const made = this.notes.room(1);
    made[0] = c.TFE_TensorHandleCopyToDevice(pointer, this.pointer, this.deviceName, status.pointer) ?? 0n;
    status.check(
      () => `a tensor of ${describe(typeOf(pointer), shapeOf(pointer, status))} on ${this.device.name}`,
    );
    return this.handles.take(made, 0);
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
   * A tensor that shares the memory of `values` (no copy), on the CPU; on a GPU it is a copy of what they are now.
   * The caller keeps `values` alive as long as the tensor, and does not write to it while an operation runs.
   */
  share(type: number, shape: Shape, values: ArrayBufferView): Handle {
    if (!this.sharesMemory || values.byteLength === 0) return this.tensor(type, shape, values);
    this.assertAlive();
    this.shares = true;
    return this.adopt((this.notes.tensor[0] = sharedTensor(type, shape, values)));
  }

  /** A TF_Tensor, which is taken over, as a tensor of this context. */
  adopt(tensor: Pointer): Handle {
    const { c, notes, status } = this;
    try {
      const made = notes.room(1);
      made[0] = c.TFE_NewTensorHandle(tensor, status.pointer) ?? 0n;
      status.check('a new tensor');
      return this.handles.take(made, 0);
    } finally {
      notes.tensor[0] = 0n;
      c.TF_DeleteTensor(tensor);
    }
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
    this.assertAlive();
    const pointers = inputs.map((input) => this.handles.pointerOf(input));
    const made = this.operation.run(this.callables.get(name), attributes, pointers, outputs);
    const results: Handle[] = [];
    for (let i = 0; i < outputs; i++) results.push(this.handles.take(made, i));
    return results;
  }

  typeOf(handle: Handle): number {
    this.assertAlive();
    return typeOf(this.handles.pointerOf(handle));
  }

  shapeOf(handle: Handle): number[] {
    this.assertAlive();
    return shapeOf(this.handles.pointerOf(handle), this.status);
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
    if (type === DataType.string) return takeValues(this.resolve(handle), type, false);
    const ArrayType = readableAs(type);
    if (!this.borrowed) return takeValues(this.resolve(handle), type, this.mayView);
    // a view would keep a tensor that nobody frees when this thread is ended
    const bytes = bytesPerElement.get(type)! * sizeOf(this.shapeOf(handle));
    const values = new ArrayType(bytes / ArrayType.BYTES_PER_ELEMENT);
    this.readInto(handle, values);
    return values;
  }

  /**
   * As `read`, but does not block this thread while the device computes. On a CPU there is nothing to wait for: an operation is done
   * when it returns. In a borrowed context it is `read`: a reader of its own might outlive the borrower.
   */
  async readLater(handle: Handle): Promise<Values> {
    const isDone = this.device.type === 'CPU' && !this.native.asynchronous;
    if (isDone || this.borrowed) return this.read(handle);
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
    const { c, notes, status } = this;
    this.assertAlive();
    const pointer = this.handles.pointerOf(handle);
    const tensor = (notes.tensor[0] = c.TFE_TensorHandleResolve(pointer, status.pointer) ?? 0n);
    try {
      this.check('a read of a tensor');
      const bytes = c.TF_TensorByteSize(tensor);
      if (bytes !== target.byteLength) {
        throw new CredenceError(
          'E_SHAPE',
          `a tensor of ${bytes} bytes does not fit ${target.byteLength} bytes`,
        );
      }
      if (bytes > 0) c.memcpy(target, c.TF_TensorData(tensor), bytes);
    } finally {
      notes.tensor[0] = 0n;
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
    if (!this.native.asynchronous || this.disposed) return;
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

  /** Tensors that were not freed yet, here or by who borrows the context from here. */
  get liveTensors(): number {
    return this.handles.size + (this.borrowed ? 0 : (this.loan?.ledger.tensors ?? 0));
  }

  /** Makes functions known to this context; those it knows already are skipped. Nested functions come first. */
  load(definitions: readonly FunctionDefinition[]): void {
    this.assertAlive();
    this.callables.load(definitions);
  }

  private assertAlive(): void {
    if (this.disposed) throw new CredenceError('E_DISPOSED', 'this TensorFlow context was disposed');
    if (!this.borrowed) this.loan?.assertIn();
  }

  /**
   * Gives a borrowed context back with the tensors in it, which threads with contexts beside it may still copy. The owner, or the next
   * borrower, frees them.
   */
  leave(): void {
    this.assertAlive();
    this.disposed = true;
    this.loan!.leave();
  }

  /** Frees what borrowers have left in a context that was lent. @throws CredenceError E_ENGINE while another thread has it */
  reclaim(): void {
    this.assertAlive();
    this.loan?.ledger.clear();
  }

  /**
   * Frees the context with its tensors, thread and functions; a borrowed one is given back without the tensors of the borrower. A second
   * call does nothing.
   * @throws CredenceError E_ENGINE while another thread has it: it would crash
   */
  dispose(): void {
    if (this.disposed) return;
    this.assertAlive();
    for (const handle of this.handles) this.free(handle);
    this.operation.dispose();
    this.disposed = true;
    if (this.borrowed) this.loan!.end();
    else this.loan?.dispose();
    if (this.readers === 0) this.delete();
  }

  /** Only when no other thread reads a tensor any more. */
  private delete(): void {
    if (this.borrowed) return;
    if (--this.native.users.count === 0) this.c.TFE_DeleteContext(this.pointer);
    this.status.dispose();
  }
}
