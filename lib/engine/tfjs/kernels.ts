/** Kernels of tfjs that tfjs-node lacks, or that refuse what tfjs allows: registered once. */
import * as tf from '@tensorflow/tfjs';
import type { NodeJSKernelBackend } from '@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend';
import { CredenceError } from '../../errors';
import { typeAttribute } from '../native/attributes';
import type { Binding } from './binding';
import { DataType } from '../native/dtype';
import { borrowed } from './plain';

const backendName = 'tensorflow';

/** tfjs's own kernel in plain JavaScript, which has no part in a compiled function. */
function plainKernel(kernel: tf.KernelConfig): tf.KernelFunc {
  const run = borrowed(kernel);
  return (call) => {
    const { graph } = (call.backend as NodeJSKernelBackend).binding as Binding;
    if (!graph) return run(call);
    throw new CredenceError(
      'E_TRACE',
      `tfjs's ${kernel.kernelName} cannot be compiled as it is called here: TensorFlow does not compute it so. Call it outside, and pass its result`,
    );
  };
}

type Applies = (inputs: Record<string, tf.TensorInfo>, attrs: Record<string, unknown>) => boolean;

const isPaddedByNumbers: Applies = (_, { pad }) => typeof pad !== 'string' && pad !== 0;
const isOf =
  (dtype: tf.DataType): Applies =>
  (inputs) =>
    Object.values(inputs).some((input) => input.dtype === dtype);

/** What tfjs-node, or TensorFlow's operation behind it, refuses although tfjs computes it. */
const refused: Record<string, Applies> = {
  AvgPool: isPaddedByNumbers,
  AvgPoolGrad: isPaddedByNumbers,
  AvgPool3D: isPaddedByNumbers,
  AvgPool3DGrad: isPaddedByNumbers,
  MaxPool: isPaddedByNumbers,
  MaxPoolGrad: isPaddedByNumbers,
  MaxPool3D: isPaddedByNumbers,
  MaxPool3DGrad: isPaddedByNumbers,
  Conv2DBackpropInput: isPaddedByNumbers,
  Conv2DBackpropFilter: isPaddedByNumbers,
  FusedConv2D: (_, { dataFormat }) => dataFormat === 'NCHW',
  ScatterNd: ({ indices }) => indices!.shape.length === 1,
  Diag: isOf('bool'),
  LeakyRelu: isOf('int32'),
  Step: isOf('int32'),
  Greater: isOf('string'),
  GreaterEqual: isOf('string'),
  Less: isOf('string'),
  LessEqual: isOf('string'),
};

function replace(kernelName: string, kernelFunc: tf.KernelFunc): void {
  const { setupFunc, disposeFunc } = tf.getKernel(kernelName, backendName);
  tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({ kernelName, backendName, kernelFunc, setupFunc, disposeFunc });
}

for (const [kernelName, applies] of Object.entries(refused)) {
  const { kernelFunc: native } = tf.getKernel(kernelName, backendName);
  const plain = plainKernel(tf.getKernel(kernelName, 'cpu'));
  replace(kernelName, (call) =>
    (applies(call.inputs as Record<string, tf.TensorInfo>, call.attrs as Record<string, unknown>)
      ? plain
      : native)(call),
  );
}

// ragged and sparse tensors, text, and some more
for (const kernel of tf.getKernelsForBackend('cpu')) {
  const { kernelName } = kernel;
  if (tf.getKernel(kernelName, backendName)) continue;
  tf.registerKernel({ kernelName, backendName, kernelFunc: plainKernel(kernel) });
}

// TensorFlow's Round makes zeros of whole numbers
const { kernelFunc: round } = tf.getKernel('Round', backendName);
const { kernelFunc: identity } = tf.getKernel('Identity', backendName);
replace('Round', (call) =>
  ((call.inputs as { x: tf.TensorInfo }).x.dtype === 'int32' ? identity : round)(call),
);

// TensorFlow's sign of NaN is NaN, tfjs's is 0
const { kernelFunc: sign } = tf.getKernel('Sign', backendName);
replace('Sign', (call) => {
  const { x } = call.inputs as { x: tf.Tensor };
  const signs = sign(call) as tf.Tensor;
  if (x.dtype !== 'float32') return signs;
  const proper = tf.tidy(() => tf.where(tf.isNaN(x), tf.zerosLike(x), signs));
  signs.dispose();
  return proper;
});

// TensorFlow's Einsum takes a label that only the result has for a new axis
const { kernelFunc: einsum } = tf.getKernel('Einsum', backendName);
replace('Einsum', (call) => {
  const { equation } = call.attrs as { equation: string };
  const [operands = '', result = ''] = equation.split('->');
  const unknown = Array.from(result).find((label) => /[a-z]/i.test(label) && !operands.includes(label));
  if (unknown === undefined) return einsum(call);
  throw new CredenceError(
    'E_SHAPE',
    `Output subscripts contain the label ${unknown} not present in the input subscripts.`, // tfjs's own words
  );
});

// TensorFlow's Multinomial goes on in its stream of random numbers; tfjs's gives the same numbers for the same seed
replace('Multinomial', ({ inputs, attrs, backend }) => {
  const { logits } = inputs as { logits: tf.TensorInfo };
  const { numSamples, seed, normalized } = attrs as unknown as {
    numSamples: number;
    seed: number;
    normalized: boolean;
  };
  const logarithms = normalized ? tf.log(logits as tf.Tensor) : undefined;
  const node = backend as NodeJSKernelBackend;
  const count = tf.scalar(numSamples, 'int32');
  // a seed may be any number, as one below 1 that tfjs draws itself: its bits are the key
  const key = tf.tensor1d(new Int32Array(Float64Array.of(seed).buffer), 'int32');
  const attributes = [
    typeAttribute('T', DataType.float32),
    typeAttribute('Tseed', DataType.int32),
    typeAttribute('output_dtype', DataType.int32),
  ];
  const drawn = node.executeSingleOutput('StatelessMultinomial', attributes, [
    logarithms ?? logits,
    count,
    key,
  ]);
  tf.dispose([count, key]);
  logarithms?.dispose();
  return drawn;
});
