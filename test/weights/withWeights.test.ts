import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { likelihoods } from '../../lib/distributions';
import { backend } from '../../lib/engine/tfjs/backend';
import { vi } from '../../lib/inference/vi';
import {
  batchNorm,
  conv1d,
  conv2d,
  conv3d,
  convTranspose2d,
  dense,
  depthwiseConv2d,
  embedding,
  gru,
  type Layer,
  layerNorm,
  lstm,
  multiHeadAttention,
  activation,
} from '../../lib/layers';
import { convert } from '../../lib/layers/convert';
import { sequential } from '../../lib/layers/sequential';
import { ndarray, type NdArray } from '../../lib/ndarray';
import { adam } from '../../lib/optimizers';
import { withWeights } from '../../lib/weights/withWeights';
import { assertClose, flat, golden, type Golden } from '../golden';
import { startVectors, variablesOf } from '../programs';
import { refuses } from '../refuses';
import { channelsFirst, channelsLast, startOf, withStart } from './start';

/** The models of the golden file, built of our layers, by name. */
const models: Record<string, Layer> = {
  linear: sequential([
    dense({ units: 4 }),
    layerNorm(),
    sequential([activation('tanh'), dense({ units: 2 })]),
  ]),
  one_input: sequential([dense({ units: 3 })]),
  conv1d: sequential([conv1d({ filters: 6, kernelSize: 3, strides: 2, padding: 1, groups: 2 })]),
  conv2d: sequential([conv2d({ filters: 3, kernelSize: [3, 2], padding: 'valid' })]),
  conv3d: sequential([conv3d({ filters: 3, kernelSize: [2, 3, 1], padding: 'valid' })]),
  conv_transpose2d: sequential([
    convTranspose2d({ filters: 3, kernelSize: [3, 2], strides: 2, padding: 'valid' }),
  ]),
  depthwise: sequential([depthwiseConv2d({ kernelSize: 3, multiplier: 2 })]),
  lstm: sequential([lstm({ units: 2 }), activation('linear'), dense({ units: 2 })]),
  gru: sequential([gru({ units: 2, returnSequences: true })]),
  embedding: sequential([embedding({ vocabulary: 5, dim: 5 }), dense({ units: 2 })]),
  attention: sequential([multiHeadAttention({ heads: 2 })]),
  batch_norm: sequential([conv2d({ filters: 3, kernelSize: 2, padding: 'valid', bias: false }), batchNorm()]),
};
/** Those whose inputs have channels, which PyTorch puts first. */
const convolutions = /conv|depthwise|batch_norm/;

const shapeOf = (value: Golden): number[] =>
  Array.isArray(value) ? [value.length, ...shapeOf((value as Golden[])[0]!)] : [];
const array = (value: Golden): NdArray => ndarray(Float32Array.from(flat(value)), shapeOf(value));

describe('weights: withWeights', () => {
  before(() => {
    backend();
  });

  interface Inputs {
    x: Golden;
    state: Readonly<Record<string, Golden>>;
  }
  const cases = golden<Inputs, { output: Golden }>('torchWeights', 'torch_model');
  for (const { name, inputs, expected, tolerance_f32 } of cases) {
    it(`torchWeights.json ${name}: computes what it computes in PyTorch`, () => {
      const which = name.split('/')[1]!;
      const state = new Map(Object.entries(inputs.state).map(([key, value]) => [key, array(value)]));
      const model = withWeights(models[which]!, state, { layout: 'torch' });
      const given = tf.tensor(array(inputs.x), shapeOf(inputs.x));
      const isImage = convolutions.test(which);
      const y = withStart(model, isImage ? channelsLast(given) : given);
      assertClose((isImage ? channelsFirst(y) : y).dataSync(), expected.output, tolerance_f32);
    });
  }
  it('has all models of the golden file', () => {
    assert.deepEqual(cases.map(({ name }) => name.split('/')[1]), Object.keys(models)); // prettier-ignore
  });

  const net = sequential([dense({ units: 2 }), layerNorm(), dense({ units: 1 })]);
  const numbers = (shape: number[], from: number): NdArray =>
    ndarray(
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => from + i),
      shape,
    );
  const own = new Map([
    ['0.dense.kernel', numbers([3, 2], 1)],
    ['0.dense.bias', numbers([2], 10)],
    ['1.layerNorm.scale', numbers([2], 20)],
    ['1.layerNorm.offset', numbers([2], 30)],
    ['2.dense.kernel', numbers([2, 1], 40)],
    ['2.dense.bias', numbers([1], 50)],
  ]);

  it('starts every parameter at the array of its path, and leaves the model and all else as they were', () => {
    const [before, after] = [net, withWeights(net, own)].map((model) => model.build([3]));
    after!.parameters.forEach((parameter, i) => {
      assert.deepEqual(parameter.initial, own.get(parameter.name));
      const { initial, isScale } = before!.parameters[i]!;
      assert.equal(isScale, undefined);
      assert.deepEqual({ ...parameter, initial, isScale }, { ...before!.parameters[i]!, isScale });
    });
    assert.deepEqual(after!.outputShape, [1]);
  });

  it('takes names from an object or a function; undefined starts at random', () => {
    const renamed = new Map([...own].map(([name, value]) => [`net/${name}`, value]));
    const all = withWeights(net, renamed, { names: (path) => `net/${path}` });
    assert.deepEqual(startOf(all, [3]), startOf(withWeights(net, own), [3]));
    const head = withWeights(net, own, {
      names: { '2.dense.kernel': undefined, '2.dense.bias': '1.layerNorm.scale' },
    });
    refuses(
      () => head.build([3]),
      'E_SHAPE',
      /^withWeights: '2\.dense\.bias' needs an array of shape \[1\], and '1\.layerNorm\.scale' has \[2\]$/,
    );
    const fresh = withWeights(net, own, { names: (path) => (path.startsWith('2.') ? undefined : path) });
    assert.deepEqual(fresh.build([3]).parameters.map(({ initial }) => typeof initial), ['object', 'object', 'object', 'object', 'string', 'string']); // prettier-ignore
    const sum = withWeights(net, own, { names: { '0.dense.bias': ['0.dense.bias', '1.layerNorm.scale'] } });
    assert.deepEqual(startOf(sum, [3]).get('0.dense.bias'), Float32Array.of(30, 32));
  });

  it('takes arrays without a shape, as `posterior.variables` has them', () => {
    const bare = new Map([...own].map(([name, value]) => [`${name}.mean`, Float32Array.from(value)]));
    const model = withWeights(net, bare, { names: (path) => `${path}.mean` });
    assert.deepEqual(startOf(model, [3]).get('0.dense.kernel'), Float32Array.of(1, 2, 3, 4, 5, 6));
  });

  it('is kept by convert, there and back, and norms stay plain', () => {
    const started = withWeights(net, own);
    const back = convert(convert(started, { bayesian: false }), { bayesian: true });
    assert.deepEqual(back.build([3]).parameters, started.build([3]).parameters);
    assert.deepEqual(startOf(convert(started, { bayesian: false }), [3]), startOf(started, [3]));
    const after = withWeights(convert(net, { bayesian: false }), own);
    assert.deepEqual(convert(after, { bayesian: true }).build([3]).parameters, started.build([3]).parameters);
  });

  it('is where training starts: values of what is plain, means of what is Bayesian', () => {
    const program = vi().build({
      model: convert(withWeights(net, own), { bayesian: (path) => path.startsWith('2.') }),
      likelihood: likelihoods.gaussian(),
      optimizer: adam(0.1),
      inputShape: [3],
      targetShape: [1],
      size: 10,
      steps: 1,
      stepsPerEpoch: 1,
    });
    const variables = variablesOf(program, startVectors(program));
    for (const [name, array] of own) {
      const variable = name.startsWith('2.') ? `${name}.mean` : name;
      assert.deepEqual([...variables.get(variable)!], [...array], variable);
    }
  });

  it('prints as it was written, arrays by their names', () => {
    const small = withWeights(dense({ units: 1 }), new Map([['kernel', numbers([1, 1], 0)]]), {
      layout: 'torch',
    });
    assert.equal(String(small), "withWeights(dense({ units: 1 }), Set(1) { 'kernel' }, { layout: 'torch' })");
  });

  it('refuses what does not fit, and says what to do', () => {
    const wrong: [given: Map<string, Float32Array>, code: 'E_OPTION' | 'E_SHAPE' | 'E_DATA', says: RegExp][] = [
      [new Map<string, Float32Array>([...own].filter(([name]) => name !== '2.dense.bias')), 'E_OPTION', /^withWeights: there is no array '2\.dense\.bias' for '2\.dense\.bias'\. Did you mean '0\.dense\.bias'\? Give its name in option 'names', or undefined to start at random\. Arrays: 0\.dense\.kernel, /],
      [new Map<string, Float32Array>([...own, ['0.dense.kernel', numbers([2, 3], 0)]]), 'E_SHAPE', /'0\.dense\.kernel' needs an array of shape \[3, 2\], and '0\.dense\.kernel' has \[2, 3\]: set option 'layout' to 'torch'$/],
      [new Map<string, Float32Array>([...own, ['0.dense.kernel', new Float32Array(5)]]), 'E_SHAPE', /of shape \[3, 2\], and '0\.dense\.kernel' has 5 numbers$/],
      [new Map<string, Float32Array>([...own, ['0.dense.bias', ndarray(Float32Array.of(1, NaN), [2])]]), 'E_DATA', /'0\.dense\.bias' holds NaN at 1: weights must be finite$/],
    ]; // prettier-ignore
    for (const [given, code, says] of wrong) refuses(() => withWeights(net, given).build([3]), code, says);
    refuses(
      () => withWeights(3 as never, own),
      'E_OPTION',
      /^withWeights: the first argument must be a model/,
    );
    refuses(
      () => withWeights(net, {} as never),
      'E_OPTION',
      /^withWeights: the second argument must be a Map/,
    );
    refuses(() => withWeights(net, own, { layout: 'tf' as never }), 'E_OPTION', /option 'layout' must be/);
    refuses(
      () => withWeights(net, own, { names: 3 as never }),
      'E_OPTION',
      /option 'names' must be an object of names/,
    );
  });
});
