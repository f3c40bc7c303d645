/**
 * Convolutions with groups, as TensorFlow has them: filters whose input channels are a G-th of the input's make G groups. tfjs has no
 * groups, so these are kernels of our own with their gradients. They exist for the TensorFlow backend only.
 */
import * as tf from '@tensorflow/tfjs';
import { CredenceError } from '../../errors';
import { sizeOf } from '../../ndarray';
import { type Attribute, AttributeType, boolAttribute, typeAttribute } from '../native/attributes';
import { compiles } from './backend';
import { DataType } from '../native/dtype';
import { tensorflow } from './tensorflow';

/** How the filters move over an image. oneDNN, which is what makes groups fast on CPUs, knows no other padding than these. */
export interface ConvolutionGeometry {
  strides: readonly [number, number];
  padding: 'same' | 'valid';
}

const [FORWARD, INPUT_GRADIENT, FILTER_GRADIENT] = [
  'GroupedConv2D',
  'GroupedConv2DBackpropInput',
  'GroupedConv2DBackpropFilter',
];

function attributesOf({ strides, padding }: ConvolutionGeometry): Attribute[] {
  const text = (name: string, value: string): Attribute => ({ name, type: AttributeType.string, value });
  return [
    typeAttribute('T', DataType.float32),
    { name: 'strides', type: AttributeType.int, value: [1, ...strides, 1] },
    text('padding', padding.toUpperCase()),
    text('data_format', 'NHWC'),
    boolAttribute('use_cudnn_on_gpu', true),
  ];
}

/** The part of tfjs-node's backend that runs any operation of TensorFlow, or adds it to the graph being traced. */
interface TensorFlowBackend {
  executeSingleOutput(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly tf.TensorInfo[],
  ): tf.Tensor;
}

/** Makes a TensorFlow operation a kernel of tfjs, which takes its tensors by these names. */
function register(kernelName: string, operation: string, names: readonly string[]): void {
  tf.registerKernel({
    kernelName,
    backendName: 'tensorflow',
    kernelFunc: ({ inputs, attrs, backend }) =>
      (backend as TensorFlowBackend).executeSingleOutput(
        operation,
        attributesOf(attrs as unknown as ConvolutionGeometry),
        names.map((name) => inputs[name]!),
      ),
  });
}

register(FORWARD, 'Conv2D', ['x', 'filter']);
register(INPUT_GRADIENT, 'Conv2DBackpropInput', ['shape', 'filter', 'dy']);
register(FILTER_GRADIENT, 'Conv2DBackpropFilter', ['x', 'shape', 'dy']);

const run = (kernel: string, inputs: tf.NamedTensorMap, attributes: tf.NamedAttrMap): tf.Tensor =>
  tf.engine().runKernel(kernel, inputs, attributes);

const shapeOf = ({ shape }: tf.Tensor): tf.Tensor1D => tf.tensor1d(shape, 'int32');

tf.registerGradient({
  kernelName: FORWARD,
  inputsToSave: ['x', 'filter'],
  gradFunc: (dy, saved, attributes) => {
    const [x, filter] = saved as [tf.Tensor, tf.Tensor];
    const d = dy as tf.Tensor;
    return {
      x: () => run(INPUT_GRADIENT, { shape: shapeOf(x), filter, dy: d }, attributes),
      filter: () => run(FILTER_GRADIENT, { x, shape: shapeOf(filter), dy: d }, attributes),
    };
  },
});

/**
 * Cross-correlation of x [N, H, W, G C] with filters [kh, kw, C, G F] in G groups -> [N, H', W', G F]: outputs g F ... (g + 1) F
 * see channels g C ... (g + 1) C. Differentiable in both. Needs `hasGroups`.
 */
export const groupedConvolution = (
  x: tf.Tensor,
  filter: tf.Tensor,
  { strides, padding }: ConvolutionGeometry,
): tf.Tensor => run(FORWARD, { x, filter }, { strides: [...strides], padding });

tf.registerGradient({
  kernelName: INPUT_GRADIENT,
  inputsToSave: ['filter', 'dy'],
  gradFunc: (gradient, saved, attributes) => {
    const [filter, dy] = saved as [tf.Tensor, tf.Tensor];
    const d = gradient as tf.Tensor;
    return {
      dy: () => run(FORWARD, { x: d, filter }, attributes),
      filter: () => run(FILTER_GRADIENT, { x: d, shape: shapeOf(filter), dy }, attributes),
    };
  },
});

/**
 * The transpose of `groupedConvolution` as a linear map: x [N, H, W, G C] with filters [kh, kw, F, G C] -> [N, ...size, G F]: inputs
 * g C ... (g + 1) C are spread over outputs g F ... (g + 1) F. Differentiable in both. Needs `hasGroups`.
 * @param size one that such a convolution takes to [H, W]
 * @param groups G
 */
export function groupedTransposedConvolution(
  x: tf.Tensor,
  filter: tf.Tensor,
  size: readonly [number, number],
  groups: number,
  { strides, padding }: ConvolutionGeometry,
): tf.Tensor {
  const shape = tf.tensor1d([x.shape[0], ...size, groups * filter.shape[2]!], 'int32');
  return run(INPUT_GRADIENT, { shape, filter, dy: x }, { strides: [...strides], padding });
}

let groups: boolean | undefined;

/** Whether grouped convolutions have gradients here: with TensorFlow on GPUs, and on CPUs for which it has oneDNN. */
export function hasGroups(): boolean {
  groups ??= compiles() && tryGroups();
  return groups;
}

/** Computes the smallest gradient there is. At once, also while a function is being compiled. */
function tryGroups(): boolean {
  const { context } = tensorflow();
  const zeros = (shape: number[]) => context.tensor(DataType.float32, shape, new Float32Array(sizeOf(shape)));
  const shape = context.tensor(DataType.int32, [4], Int32Array.of(1, 1, 1, 2));
  const handles = [shape, zeros([1, 1, 1, 2]), zeros([1, 1, 1, 2])]; // two groups of one channel
  try {
    const attributes = attributesOf({ strides: [1, 1], padding: 'valid' });
    handles.push(...context.execute('Conv2DBackpropInput', attributes, handles, 1));
    return true;
  } catch (error) {
    if (error instanceof CredenceError && error.code === 'E_ENGINE') return false;
    throw error;
  } finally {
    for (const handle of handles) context.free(handle);
  }
}
