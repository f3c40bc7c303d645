import type { TFJSBinding } from '@tensorflow/tfjs-node-gpu/dist/tfjs_binding';
import { CredenceError } from '../../errors';
import type { TypedArray } from '../../ndarray';
import { type Attribute, AttributeType } from '../native/attributes';
import { capi } from '../native/capi';
import type { Context, Handle } from '../native/context';
import { DataType, isHalf, nameOf } from '../native/dtype';
import type { Graph, Node } from '../native/graph';
import { SavedModel } from '../native/savedModel';
import { fromNumbers, type Values } from '../native/values';

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

  /** The graph being traced, if any. */
  graph: Graph | undefined;

  private readonly handles = new Map<number, Handle>();
  private readonly savedModels = new Map<number, SavedModel>();
  private nextId = 0;

  constructor(readonly context: Context) {}

  /** @param dtype TensorFlow's number of a type, or tfjs's name of it */
  createTensor(shape: number[], dtype: number | string, values: ArrayLike<unknown>): number {
    const type = typeof dtype === 'number' ? dtype : DataType[dtype as keyof typeof DataType];
    return this.keep(
      type === DataType.string
        ? this.context.strings(shape, Array.from(values) as (string | Uint8Array)[])
        : this.context.tensor(type, shape, this.array(type, values as ArrayLike<number>)),
    );
  }

  private array(type: number, values: ArrayLike<number | bigint>): ArrayBufferView {
    if (ArrayBuffer.isView(values)) return values;
    const array = fromNumbers(isHalf(type) ? DataType.float32 : type, values);
    if (array) return array;
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

  /** The values of a tensor, without blocking JavaScript while the device computes. */
  async tensorData(id: number): Promise<Values> {
    return this.context.readLater(this.handle(id));
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

  /** @param tags with commas between them */
  loadSavedModel(folder: string, tags: string): number {
    const model = new SavedModel(folder, tags.split(','));
    this.savedModels.set(this.nextId, model);
    return this.nextId++;
  }

  private savedModel(id: number): SavedModel {
    const model = this.savedModels.get(id);
    if (model) return model;
    throw new CredenceError('E_DISPOSED', 'this SavedModel was disposed');
  }

  deleteSavedModel(id: number): void {
    this.savedModel(id).dispose();
    this.savedModels.delete(id);
  }

  /** Names are those of tensors in the model's graph, with commas between them. */
  runSavedModel(id: number, inputs: number[], inputNames: string, outputNames: string): Node[] {
    const model = this.savedModel(id);
    const { TF_DeleteTensor } = capi();
    const tensors = inputs.map((input) => this.context.resolve(this.handle(input)));
    try {
      const results = model.run(inputNames.split(','), tensors, outputNames.split(','));
      return results.map((tensor) => this.adopt(this.context.adopt(tensor)));
    } finally {
      tensors.forEach((tensor) => TF_DeleteTensor(tensor));
    }
  }

  getNumOfSavedModels(): number {
    return this.savedModels.size;
  }

  getNumOfTensors(): number {
    return this.handles.size;
  }

  isUsingGpuDevice(): boolean {
    return this.context.device.type === 'GPU';
  }
}
