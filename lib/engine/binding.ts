import type { TFJSBinding } from '@tensorflow/tfjs-node-gpu/dist/tfjs_binding';
import { CredenceError } from '../errors';
import type { TypedArray } from '../ndarray';
import { type Attribute, AttributeType } from './attributes';
import { capi } from './capi';
import type { Context, Handle } from './context';
import { DataType, nameOf } from './dtype';
import type { Graph, Node } from './graph';

class TensorMetadata implements Node {
  id = 0;
  shape: number[] = [];
  dtype = 0;
}

class TFEOpAttr {
  name!: string;
  type!: number;
  value!: Attribute['value'];
}

const noSavedModels = (): never => {
  throw new CredenceError(
    'E_ENGINE',
    'SavedModels cannot be loaded here: load the weights as a layers model instead',
  );
};

/**
 * What tfjs-node's kernels ask of a native addon, answered by the C API. While a function is traced, operations are added
 * to its graph instead of being run: that is how any tfjs code (layers, gradients, optimisers) becomes one compiled function.
 */
export class Binding implements TFJSBinding {
  readonly TensorMetadata = TensorMetadata;
  readonly TFEOpAttr = TFEOpAttr;
  readonly TF_FLOAT = DataType.float32;
  readonly TF_INT32 = DataType.int32;
  readonly TF_INT64 = DataType.int64;
  readonly TF_BOOL = DataType.bool;
  readonly TF_COMPLEX64 = DataType.complex64;
  readonly TF_STRING = DataType.string;
  readonly TF_RESOURCE = DataType.resource;
  readonly TF_UINT8 = DataType.uint8;
  readonly TF_ATTR_STRING = AttributeType.string;
  readonly TF_ATTR_INT = AttributeType.int;
  readonly TF_ATTR_FLOAT = AttributeType.float;
  readonly TF_ATTR_BOOL = AttributeType.bool;
  readonly TF_ATTR_TYPE = AttributeType.type;
  readonly TF_ATTR_SHAPE = AttributeType.shape;
  readonly TF_ATTR_RESOURCE = 20;
  readonly TF_Version = capi().TF_Version();
  readonly loadSavedModel = noSavedModels;
  readonly deleteSavedModel = noSavedModels;
  readonly runSavedModel = noSavedModels;

  /** The graph being traced, if any. */
  graph: Graph | undefined;

  private readonly handles = new Map<number, Handle>();
  private nextId = 0;

  constructor(readonly context: Context) {}

  createTensor(shape: number[], dtype: number | string, values: ArrayLike<unknown>): number {
    const type = typeof dtype === 'number' ? dtype : DataType[dtype as keyof typeof DataType];
    return this.keep(
      type === DataType.string
        ? this.context.strings(shape, Array.from(values) as (string | Uint8Array)[])
        : this.context.tensor(type, shape, this.bytes(type, values)),
    );
  }

  private bytes(type: number, values: ArrayLike<unknown>): ArrayBufferView {
    if (ArrayBuffer.isView(values)) return values;
    const numbers = values as ArrayLike<number>;
    if (type === DataType.int32) return Int32Array.from(numbers);
    if (type === DataType.bool || type === DataType.uint8) return Uint8Array.from(numbers);
    if (type === DataType.float32) return Float32Array.from(numbers);
    throw new CredenceError('E_ENGINE', `numbers cannot become a tensor of type ${nameOf(type)}`);
  }

  private keep(handle: Handle): number {
    this.handles.set(this.nextId, handle);
    return this.nextId++;
  }

  /** The handle behind an id. */
  handle(id: number): Handle {
    const handle = this.handles.get(id);
    if (handle !== undefined) return handle;
    throw id < 0
      ? new CredenceError(
          'E_TRACE',
          'a value was read while its function was being compiled (dataSync, data, print, or `if` on a tensor): values exist only when the compiled function runs. Return the tensor and read it outside',
        )
      : new CredenceError('E_DISPOSED', 'this tensor was disposed');
  }

  /** Gives tfjs a tensor that was made outside of it. */
  adopt(handle: Handle): Node {
    return { id: this.keep(handle), shape: this.context.shapeOf(handle), dtype: this.context.typeOf(handle) };
  }

  deleteTensor(id: number): void {
    const handle = this.handle(id);
    this.handles.delete(id);
    this.context.free(handle);
  }

  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array {
    return this.context.read(this.handle(id)) as Exclude<TypedArray, Float64Array>;
  }

  executeOp(name: string, attributes: Attribute[], inputs: number[], outputs: number): Node[] {
    if (this.graph) return this.graph.add(name, attributes, this.nodes(inputs), outputs);
    const handles = inputs.map((id) => this.handle(id));
    return this.context.execute(name, attributes, handles, outputs).map((handle) => this.adopt(handle));
  }

  /** The same ids for tensors of the graph; tensors that exist already become constants of it. */
  nodes(ids: readonly number[]): number[] {
    const graph = this.graph!;
    return ids.map((id) => (id < 0 ? id : graph.capture(id, this.handle(id)).id));
  }

  getNumOfSavedModels(): number {
    return 0;
  }

  getNumOfTensors(): number {
    return this.handles.size;
  }

  isUsingGpuDevice(): boolean {
    return this.context.device.type === 'GPU';
  }
}
