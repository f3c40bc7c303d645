import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { backend } from '../../lib/engine/tfjs/backend';
import { convert } from '../../lib/layers/convert';
import { fromTfjs } from '../../lib/weights';
import { assertClose, flat, golden, type Golden } from '../golden';
import { assertNear, noise } from '../layers/evaluate';
import { refuses } from '../refuses';
import { saved, written } from './files';
import { withStart } from './start';

type KerasLayer = tf.layers.Layer;
const l = tf.layers;
const dense = (units: number, activation?: 'relu' | 'softmax' | 'sigmoid' | 'tanh'): KerasLayer =>
  l.dense({ units, ...(activation && { activation }), biasInitializer: 'glorotNormal' });
const random = { kernelInitializer: 'randomNormal', biasInitializer: 'randomNormal' } as const;

/** Models of tfjs's own layers, by inputs; `link` is the softmax or sigmoid at the end. */
const models: Record<string, { shape: number[]; layers: () => KerasLayer[]; link?: (x: tf.Tensor) => tf.Tensor }> = {
  perceptron: {
    shape: [5],
    layers: () => [dense(4, 'relu'), l.layerNormalization({ gammaInitializer: 'randomNormal' }), l.dropout({ rate: 0.5 }), dense(3, 'softmax')], // prettier-ignore
    link: tf.softmax,
  },
  'yes or no': { shape: [2], layers: () => [dense(3, 'tanh'), dense(1), l.activation({ activation: 'sigmoid' })], link: tf.sigmoid },
  images: {
    shape: [9, 8, 2],
    layers: () => [
      l.conv2d({ filters: 4, kernelSize: [3, 2], strides: [2, 1], padding: 'same', activation: 'elu', ...random }),
      l.maxPooling2d({ poolSize: [1, 2] }),
      l.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, padding: 'same', depthwiseInitializer: 'randomNormal', biasInitializer: 'randomNormal' }),
      l.separableConv2d({ filters: 3, kernelSize: 2, depthMultiplier: 2, depthwiseInitializer: 'randomNormal', pointwiseInitializer: 'randomNormal' }),
      l.averagePooling2d({ poolSize: 2, strides: 1, padding: 'same' }),
      l.reLU(),
      l.flatten(),
      dense(2),
    ],
  },
  'batch normalisation': {
    shape: [4, 3, 2],
    layers: () => [
      l.batchNormalization({ gammaInitializer: 'randomNormal', betaInitializer: 'randomNormal', movingMeanInitializer: 'randomNormal', movingVarianceInitializer: tf.initializers.randomUniform({ minval: 0.5, maxval: 2 }) }),
      l.conv2d({ filters: 3, kernelSize: 2, ...random }),
      l.batchNormalization({ scale: false, epsilon: 0.01, momentum: 0.9, movingMeanInitializer: 'randomNormal' }),
      l.flatten(),
      dense(2),
      l.batchNormalization({ center: false, movingMeanInitializer: 'randomNormal' }),
    ],
  },
  dilated: {
    shape: [12, 2],
    layers: () => [
      l.conv1d({ filters: 3, kernelSize: 3, dilationRate: 2, padding: 'same', useBias: false, ...random }),
      l.maxPooling1d({ poolSize: 2, strides: 1 }),
      l.averagePooling1d({ poolSize: 3 }),
      l.reshape({ targetShape: [-1, 1] }),
      l.conv1d({ filters: 2, kernelSize: 2, activation: 'tanh', ...random }),
      l.globalAveragePooling1d(),
    ],
  },
  volumes: {
    shape: [4, 4, 4, 1],
    layers: () => [l.conv3d({ filters: 2, kernelSize: 2, ...random }), l.maxPooling3d({ poolSize: [3, 1, 1], strides: [3, 1, 1] }), l.flatten()],
  },
  'global maximum': { shape: [4, 3, 2], layers: () => [l.globalMaxPooling2d({})] },
  'global mean': { shape: [4, 3, 2], layers: () => [l.globalAveragePooling2d({}), dense(2)] },
  'global maximum of sequences': { shape: [6, 2], layers: () => [l.globalMaxPooling1d()] },
  tokens: {
    shape: [6],
    layers: () => [
      l.embedding({ inputDim: 7, outputDim: 4 }),
      l.lstm({ units: 3, recurrentActivation: 'sigmoid', returnSequences: true, ...random }),
      l.lstm({ units: 2, recurrentActivation: 'sigmoid', useBias: false }),
      dense(2),
    ],
  },
}; // prettier-ignore

describe('weights: fromTfjs', () => {
  let folder = '';
  before(() => {
    backend();
    folder = mkdtempSync(path.join(tmpdir(), 'credence-tfjs-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const built = (shape: number[], layers: KerasLayer[]): tf.Sequential =>
    tf.sequential({ layers: [l.inputLayer({ inputShape: shape }), ...layers] });
  /** Normal numbers, or tokens. */
  const inputsOf = (which: string, shape: number[]): tf.Tensor =>
    which === 'tokens' ? tf.tensor2d([0, 6, 3, 2, 2, 5, 1, 1, 4, 0, 6, 6], [2, 6]) : noise(1, [2, ...shape]);

  for (const [which, { shape, layers, link = tf.clone }] of Object.entries(models)) {
    it(`${which}: predicts what the model of tfjs predicts, to 1e-5`, async () => {
      const theirs = built(shape, layers());
      const ours = fromTfjs(written(path.join(folder, which), await saved(theirs)));
      const x = inputsOf(which, shape);
      assertNear(link(withStart(ours, x)), theirs.predict(x) as tf.Tensor, 1e-5, which);
      const parameters = (bayesian: boolean) => convert(ours, { bayesian }).build(shape).parameters;
      assert.ok(ours.build(shape).parameters.every(({ bayesian }) => !bayesian));
      assert.deepEqual(parameters(true).map(({ initial }) => initial), parameters(false).map(({ initial }) => initial)); // prettier-ignore
    });
  }

  it('reads what quantised models hold, to their steps', async () => {
    const theirs = built([3], [dense(4), dense(2)]);
    const { topology, specs, data } = await saved(theirs);
    const single = new Float32Array(Uint8Array.from(data).buffer);
    for (const [dtype, type, levels] of [['uint8', Uint8Array, 255], ['uint16', Uint16Array, 65535]] as const) {
      const [min, max] = [Math.min(...single), Math.max(...single)];
      const scale = (max - min) / levels;
      const stored = new type(single.map((value) => Math.round((value - min) / scale)));
      const quantized = specs.map((spec) => ({ ...spec, quantization: { dtype, scale, min } }));
      const bytes = new Uint8Array(stored.buffer);
      const ours = fromTfjs(written(path.join(folder, dtype), { topology, specs: quantized, data: bytes }));
      const x = noise(1, [2, 3]);
      const off = tf.max(tf.abs(tf.sub(withStart(ours, x), theirs.predict(x) as tf.Tensor))).dataSync()[0]!;
      assert.ok(off > 0 && off < 30 * scale, `${off} with steps of ${scale}`);
    }
  }); // prettier-ignore

  it('reads models of Keras: their envelope, names and lists of layers', async () => {
    const theirs = built([3], [dense(2)]);
    const { topology, specs, data } = await saved(theirs);
    const { config } = topology as { config: { layers: object[] } };
    const named = specs.map((spec) => ({ ...spec, name: `sequential/${spec.name}:0` }));
    for (const [i, modelTopology] of [
      { keras_version: '2.15.0', backend: 'tensorflow', model_config: { class_name: 'Sequential', config } },
      { class_name: 'Sequential', config: { layers: config.layers } },
    ].entries()) {
      const ours = fromTfjs(
        written(path.join(folder, `keras${i}`), { topology: modelTopology, specs: named, data }),
      );
      const x = noise(1, [2, 3]);
      assertNear(withStart(ours, x), theirs.predict(x) as tf.Tensor, 1e-5, 'output');
    }
  });

  type Numbers = Readonly<Record<string, Golden>>;
  it('recurrent.json: a GRU of Keras with reset_after, whose gates come in another order', () => {
    const [{ inputs, expected, tolerance_f32, name }] = golden<Numbers, Numbers>('recurrent', 'gru') as [
      ReturnType<typeof golden<Numbers, Numbers>>[number],
    ];
    /** Reset, update, candidate to update, reset, candidate. */
    const swapped = (value: Golden): number[] =>
      Array.from(flat(value), (_, i, all = flat(value)) => all[i - (i % 6) + [2, 3, 0, 1, 4, 5][i % 6]!]!);
    const arrays = [swapped(inputs['kernel']!), swapped(inputs['recurrentKernel']!), [...swapped(inputs['bias']!), ...swapped(inputs['recurrentBias']!)]];
    const specs = [['kernel', [3, 6]], ['recurrent_kernel', [2, 6]], ['bias', [2, 6]]].map(([end, shape]) => ({ name: `gru/gru_cell/${String(end)}`, shape: shape as number[], dtype: 'float32' as const }));
    const config = { name: 'gru', units: 2, recurrent_activation: 'sigmoid', reset_after: true, return_sequences: name.endsWith('sequence'), batch_input_shape: [null, 5, 3] };
    const topology = { class_name: 'Sequential', config: { layers: [{ class_name: 'GRU', config }] } };
    const data = new Uint8Array(Float32Array.from(arrays.flat()).buffer);
    const ours = fromTfjs(written(path.join(folder, 'gru'), { topology, specs, data }));
    const x = tf.tensor3d(inputs['x'] as number[][][]);
    assertClose(withStart(ours, x).dataSync(), expected['output']!, tolerance_f32);
  }); // prettier-ignore

  it('refuses what is not here, and names the layer', async () => {
    const cases: [layers: KerasLayer[], says: RegExp][] = [
      [[l.gaussianNoise({ stddev: 1, name: 'noise' })], /its layer 'noise' \(GaussianNoise\) is none of those that can be read: Dense, Conv1D/],
      [[l.dense({ units: 2, activation: 'selu', name: 'a' })], /its layer 'a' \(Dense\): its 'activation' is "selu", and can only be linear, relu/],
      [[l.dense({ units: 2, activation: 'softmax', name: 'b' }), dense(2)], /its layer 'b' \(Dense\): its 'activation' is "softmax"/],
      [[l.reshape({ targetShape: [3, 1] }), l.gru({ units: 2, recurrentActivation: 'sigmoid' })], /its layer 'gru_.*' \(GRU\): its 'reset_after' is false, and can only be true: here the reset gate/],
      [[l.reshape({ targetShape: [3, 1] }), l.lstm({ units: 2, name: 'c' })], /its layer 'c' \(LSTM\): its 'recurrent_activation' is "hard_sigmoid", and can only be 'sigmoid'/],
      [[l.reshape({ targetShape: [3, 1] }), l.conv1d({ filters: 1, kernelSize: 2, padding: 'causal', name: 'd' })], /its layer 'd' \(Conv1D\): its 'padding' is "causal", and can only be 'same' or 'valid'/],
      [[l.reshape({ targetShape: [3, 1] }), l.batchNormalization({ axis: 1, name: 'norm' })], /its layer 'norm' \(BatchNormalization\): its 'axis' is 1, and can only be the last/],
      [[l.layerNormalization({ scale: false, name: 'e' })], /its layer 'e' \(LayerNormalization\): its 'scale' is false, and can only be true/],
    ]; // prettier-ignore
    for (const [i, [layers, says]] of cases.entries()) {
      const file = written(path.join(folder, `wrong${i}`), await saved(built([3], layers)));
      refuses(() => fromTfjs(file), 'E_FILE', says);
      refuses(
        () => fromTfjs(file),
        'E_FILE',
        /model\.json cannot be made a model of.*Its weights alone can be read/,
      );
    }
  });

  it('refuses models that are no sequence, of no fixed shape, and files that do not fit together', async () => {
    const input = tf.input({ shape: [3] });
    const wide = tf.model({ inputs: input, outputs: dense(2).apply(input) as tf.SymbolicTensor });
    const branched = written(path.join(folder, 'branched'), await saved(wide));
    refuses(
      () => fromTfjs(branched),
      'E_FILE',
      /of class (Model|Functional), of which only Sequential can be read/,
    );
    const open = tf.sequential({
      layers: [l.conv1d({ filters: 1, kernelSize: 1, inputShape: [null, 2] })],
    });
    const openFile = written(path.join(folder, 'open'), await saved(open));
    refuses(
      () => fromTfjs(openFile),
      'E_FILE',
      /inputs have the shape \[null,null,2\], and can only have a fixed one/,
    );
    const { topology, specs, data } = await saved(built([3], [dense(2)]));
    const wrong: [what: object, says: RegExp][] = [
      [{ topology, specs: specs.slice(0, 1), data: data.subarray(0, 24) }, /there is no array 'bias' for its layer/],
      [{ topology, specs: [...specs, { name: 'more', shape: [1], dtype: 'float32' }], data: Buffer.concat([data, Buffer.alloc(4)]) }, /no layer asks for its array 'more'/],
      [{ topology, specs: [{ ...specs[0]!, shape: [2, 3] }, specs[1]!], data }, /'0\.dense\.kernel' needs an array of shape \[3, 2\]/],
      [{ topology: undefined, specs, data }, /it describes no model of layers/],
    ]; // prettier-ignore
    for (const [i, [files, says]] of wrong.entries()) {
      refuses(() => fromTfjs(written(path.join(folder, `misfit${i}`), files as never)), 'E_FILE', says);
    }
  });
});
