import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { backend } from '../../lib/engine/tfjs/backend';
import {
  crossAttention,
  type CrossAttentionOptions,
  type DecoderOptions,
  dense,
  flatten,
  multiHeadAttention,
  transformerDecoder,
  transformerEncoder,
} from '../../lib/layers';
import { refuses } from '../refuses';
import { applied, assertNear, assertSamplesApart, assertSlopes, noise, parametersOf } from './evaluate';

/** Part of the columns of a kernel or bias. */
const columns = (tensor: tf.Tensor, from: number, size: number): tf.Tensor =>
  tf.slice(tensor, [...tensor.shape.slice(1).map(() => 0), from], [...tensor.shape.slice(0, -1), size]);

describe('layers: cross attention', () => {
  before(() => {
    backend();
  });

  it('of a sequence to itself is self-attention', () => {
    const self = multiHeadAttention({ heads: 2, headDim: 3 });
    const values = parametersOf(self, [5, 4], 2);
    const x = noise(1, [1, 3, 5, 4]);
    const want = applied(self, [5, 4])({ x, ...values });
    const [kernel, bias] = [values['qkv.kernel']!, values['qkv.bias']!];
    const got = applied(
      crossAttention({ heads: 2, headDim: 3, memory: 5 }),
      [10, 4],
    )({
      x: tf.concat([x, x], 2),
      'query.kernel': columns(kernel, 0, 6),
      'query.bias': columns(bias, 0, 6),
      'keyValue.kernel': columns(kernel, 6, 12),
      'keyValue.bias': columns(bias, 6, 12),
      'output.kernel': values['output.kernel']!,
      'output.bias': values['output.bias']!,
    });
    assertNear(got, want, 1e-6, 'output');
  });

  it('with learned queries is that of tokens given', () => {
    const learned = crossAttention({ heads: 2, queries: 3 });
    const given = crossAttention({ heads: 2, memory: 5 });
    const values = parametersOf(learned, [5, 4], 2);
    const x = noise(1, [2, 3, 5, 4]);
    assert.deepEqual(learned.build([5, 4]).outputShape, [3, 4]);
    const { queries, ...rest } = values;
    const tokens = tf.tile(tf.expandDims(queries!, 1), [1, 3, 1, 1]);
    const want = applied(given, [8, 4])({ x: tf.concat([x, tokens], 2), ...rest });
    assertNear(applied(learned, [5, 4])({ x, ...values }), want, 1e-6, 'output');
  });

  it('of equal keys is the mean of the values', () => {
    const layer = crossAttention({ heads: 1, memory: 3, bias: false });
    const eye = tf.expandDims(tf.eye(2), 0);
    const x = tf.tensor4d([[[[3, 0], [0, 6], [0, 0], [1, 5]]]]); // prettier-ignore
    const output = applied(
      layer,
      [4, 2],
    )({
      x,
      'query.kernel': tf.zerosLike(eye),
      'keyValue.kernel': tf.concat([eye, eye], 2),
      'output.kernel': eye,
    });
    assertNear(output, tf.tensor4d([[[[1, 2]]]]), 1e-6, 'output');
  });

  it('has the gradients that finite differences give', () => {
    assertSlopes(crossAttention({ heads: 2, memory: 2 }), [5, 4]);
    assertSlopes(crossAttention({ heads: 2, queries: 2 }), [5, 4]);
  });

  it('treats samples apart', () => {
    for (const samples of [
      [3, 3],
      [1, 3],
      [3, 1],
    ] as const) {
      assertSamplesApart(crossAttention({ heads: 2, memory: 2 }), [5, 4], samples);
      assertSamplesApart(crossAttention({ heads: 2, queries: 2 }), [5, 4], samples);
    }
  });

  it('refuses what it cannot take, and says why', () => {
    const attention = (options: Partial<CrossAttentionOptions>) => crossAttention({ heads: 2, ...options });
    const either = /^layers\.crossAttention: give either option 'memory'.* or option 'queries'/;
    refuses(() => attention({}), 'E_OPTION', either);
    refuses(() => attention({ memory: 2, queries: 2 }), 'E_OPTION', either);
    refuses(
      () => attention({ memory: 5 }).build([5, 4]),
      'E_SHAPE',
      /of 5 tokens the first 5 are the memory/,
    );
    refuses(
      () => attention({ queries: 2 }).build([5]),
      'E_SHAPE',
      /needs inputs of shape \[tokens, features\]/,
    );
    refuses(() => attention({ queries: 2 }).build([5, 3]), 'E_SHAPE', /cannot split 3 features into 2 heads/);
  });
});

describe('layers: transformer decoder', () => {
  before(() => {
    backend();
  });
  const decoder = (options: Partial<DecoderOptions>) =>
    transformerDecoder({ depth: 2, heads: 2, mlp: 6, ...options });

  it('is an encoder of its targets where the memory says nothing', () => {
    const layer = decoder({ memory: 3 });
    const values = parametersOf(layer, [7, 4], 2);
    const silent = Object.fromEntries(
      Object.entries(values).map(([name, value]) => [
        name,
        name.includes('.cross.output') ? tf.zerosLike(value) : value,
      ]),
    );
    const encoder = transformerEncoder({ depth: 2, heads: 2, mlp: 6, causal: true });
    const renamed = Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name.replace('.self.', '.attention.'), value]),
    );
    const x = noise(1, [1, 3, 7, 4]);
    const want = applied(encoder, [4, 4])({ x: tf.slice(x, [0, 0, 3], [1, 3, 4]), ...renamed });
    assertNear(applied(layer, [7, 4])({ x, ...silent }), want, 1e-6, 'output');
  });

  it('is causal: a target depends on the memory and on those before it, and on no later one', () => {
    const layer = decoder({ memory: 2 });
    const values = parametersOf(layer, [5, 4], 1);
    const x = noise(1, [1, 1, 5, 4]);
    /** Which of the 3 targets depend on which of the 5 tokens. */
    const dependence = (causal: boolean): boolean[][] => {
      const fn = applied(decoder({ memory: 2, causal }), [5, 4]);
      return [0, 1, 2].map((t) => {
        const gradient = tf.grad((x) =>
          tf.sum(tf.square(tf.slice(fn({ x, ...values }), [0, 0, t, 0], [1, 1, 1, 2]))),
        )(x);
        const sizes = tf.sum(tf.abs(gradient), -1).dataSync<'float32'>();
        return Array.from(sizes, (size) => size > 1e-7);
      });
    };
    assert.deepEqual(dependence(true), [
      [true, true, true, false, false],
      [true, true, true, true, false],
      [true, true, true, true, true],
    ]);
    assert.deepEqual(dependence(false), Array(3).fill(Array(5).fill(true)));
  });

  it('looks at what an encoder makes of the memory, of any number of features', () => {
    const encoder = dense({ units: 6 });
    const whole = decoder({ memory: 3, encoder });
    assert.deepEqual(whole.build([5, 4]).outputShape, [2, 4]);
    assertSamplesApart(whole, [5, 4], [1, 2]);
    const names = whole.build([5, 4]).parameters.map(({ name }) => name);
    assert.deepEqual(names.slice(0, 3), ['encoder.kernel', 'encoder.bias', '0.self.norm.scale']);
  });

  it('has the gradients that finite differences give', () => {
    assertSlopes(decoder({ memory: 2, depth: 1, encoder: dense({ units: 3 }) }), [5, 4]);
  });

  it('treats samples apart', () => {
    for (const samples of [
      [2, 2],
      [1, 2],
      [2, 1],
    ] as const)
      assertSamplesApart(decoder({ queries: 3, depth: 1 }), [4, 4], samples);
  });

  it('names its parameters by block and part', () => {
    const names = decoder({ queries: 3, depth: 1, attentionBias: false })
      .build([4, 4])
      .parameters.map(({ name }) => name);
    assert.deepEqual(names, [
      'queries',
      '0.self.norm.scale',
      '0.self.norm.offset',
      '0.self.heads.qkv.kernel',
      '0.self.heads.output.kernel',
      '0.crossNorm.scale',
      '0.crossNorm.offset',
      '0.cross.query.kernel',
      '0.cross.keyValue.kernel',
      '0.cross.output.kernel',
      '0.mlp.norm.scale',
      '0.mlp.norm.offset',
      '0.mlp.hidden.kernel',
      '0.mlp.hidden.bias',
      '0.mlp.output.kernel',
      '0.mlp.output.bias',
      'norm.scale',
      'norm.offset',
    ]);
  });

  it('refuses what it cannot take, and says why', () => {
    refuses(() => decoder({}), 'E_OPTION', /^layers\.transformerDecoder: give either/);
    refuses(
      () => decoder({ memory: 2, encoder: flatten() }).build([5, 4]),
      'E_SHAPE',
      /with option 'encoder' needs inputs of shape \[tokens, features\], got \[8\]/,
    );
    refuses(
      () => decoder({ memory: 2, encoder: {} as never }),
      'E_OPTION',
      /option 'encoder' must be a layer/,
    );
  });
});
