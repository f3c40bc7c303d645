import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { backend } from '../../lib/engine/tfjs/backend';
import {
  dense,
  globalAveragePool,
  type Layer,
  patchEmbedding,
  patches,
  positionEncoding,
  residual,
  tinySimpleVit,
  transformerEncoder,
  vit,
} from '../../lib/layers';
import { sequential } from '../../lib/layers/sequential';
import { assertClose, golden, type Golden } from '../golden';
import { drawOf } from './draw';
import { applied, assertGolden, assertNear, assertSamplesApart, noise, parametersOf } from './evaluate';

const one = (list: unknown): tf.Tensor => tf.expandDims(tf.tensor(list as number[]), 0);
const names = (layer: Layer, shape: number[]): string[] =>
  layer.build(shape).parameters.map(({ name }) => name);

interface PatchInputs {
  x: number[][][][];
  patch: [number, number];
  grad_output: number[][][];
  [name: string]: unknown;
}
type Expected = Readonly<Record<string, Golden>>;

/** Our names of the parameters of a patch embedding, and those of the golden values. */
const renamed = {
  'patchNorm.scale': 'ln1_gamma',
  'patchNorm.offset': 'ln1_beta',
  'projection.kernel': 'W',
  'projection.bias': 'b',
  'norm.scale': 'ln2_gamma',
  'norm.offset': 'ln2_beta',
};

describe('layers: vision transformer', () => {
  before(() => {
    backend();
  });

  for (const { name, inputs, expected, tolerance_f32 } of golden<PatchInputs, Expected>(
    'layers',
    'simple_vit_patch_embedding',
  )) {
    it(`layers.json ${name}: output and all gradients`, () => {
      const x = one(inputs.x);
      const dy = one(inputs.grad_output);
      const entries = Object.entries(renamed);
      const tensors = {
        x,
        ...Object.fromEntries(entries.map(([ours, theirs]) => [ours, one(inputs[theirs])])),
      };
      const wanted = entries.map(([ours, theirs]) => [`grad_${ours}`, expected[`grad_${theirs}`]!] as const);
      const layer = patchEmbedding({ patch: inputs.patch, dim: dy.shape[3]! });
      assert.deepEqual(names(layer, x.shape.slice(2)), Object.keys(renamed));
      assertGolden(applied(layer, x.shape.slice(2)), tensors, {
        dy,
        expected: { output: expected['output']!, grad_x: expected['grad_x']!, ...Object.fromEntries(wanted) },
        tolerance: tolerance_f32,
      });
    });
  }

  interface Grid {
    h: number;
    w: number;
    dim: number;
    temperature: number;
  }
  for (const { name, inputs, expected, tolerance_f32 } of golden<Grid, Expected>(
    'layers',
    'posemb_sincos_2d',
  )) {
    it(`layers.json ${name}: the encoding of positions`, () => {
      const { h, w, dim, temperature } = inputs;
      const { apply } = positionEncoding({ grid: [h, w], temperature }).build([h * w, dim]);
      const added = apply(drawOf(new Map()), tf.zeros([1, 2, h * w, dim]));
      const posemb = expected['posemb'] as number[][];
      assertClose(added.dataSync(), [posemb, posemb], tolerance_f32);
    });
  }

  it('cuts images into patches, row by row', () => {
    const { apply, outputShape } = patches({ patch: [2, 3] }).build([4, 6, 1]);
    assert.deepEqual(outputShape, [4, 6]);
    const x = tf.reshape(tf.range(0, 48), [2, 1, 4, 6, 1]);
    const tokens = apply(drawOf(new Map()), x).arraySync() as number[][][][];
    assert.deepEqual(tokens[0]![0], [
      [0, 1, 2, 6, 7, 8],
      [3, 4, 5, 9, 10, 11],
      [12, 13, 14, 18, 19, 20],
      [15, 16, 17, 21, 22, 23],
    ]);
    assert.equal(tokens[1]![0]![0]![0], 24);
  });

  it('residual adds the input', () => {
    const layer = residual(dense({ units: 3 }));
    assert.deepEqual(names(layer, [3]), ['kernel', 'bias']);
    const parameters = parametersOf(layer, [3], 2);
    const x = noise(1, [1, 4, 3]);
    const inner = applied(dense({ units: 3 }), [3])({ x, ...parameters });
    assertNear(applied(layer, [3])({ x, ...parameters }), tf.add(inner, x), 1e-6, 'output');
    for (const samples of [
      [3, 3],
      [1, 3],
    ] as const)
      assertSamplesApart(layer, [3], samples);
  });

  it('an encoder without effect of its blocks is a layer norm', () => {
    const layer = transformerEncoder({ depth: 2, heads: 2, mlp: 6 });
    const zero = Object.fromEntries(
      Object.entries(parametersOf(layer, [3, 4], 1)).map(([name, value]) => [
        name,
        name.endsWith('scale') ? tf.onesLike(value) : tf.zerosLike(value),
      ]),
    );
    const x = noise(1, [1, 2, 3, 4]);
    const { mean, variance } = tf.moments(x, -1, true);
    const want = tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5)));
    assertNear(applied(layer, [3, 4])({ x, ...zero }), want, 1e-5, 'output');
  });

  it('names the parameters of an encoder by block and part', () => {
    const got = names(transformerEncoder({ depth: 2, heads: 2, mlp: 6, attentionBias: false }), [3, 4]);
    const block = [
      'attention.norm.scale',
      'attention.norm.offset',
      'attention.heads.qkv.kernel',
      'attention.heads.output.kernel',
      'mlp.norm.scale',
      'mlp.norm.offset',
      'mlp.hidden.kernel',
      'mlp.hidden.bias',
      'mlp.output.kernel',
      'mlp.output.bias',
    ];
    const blocks = [0, 1].flatMap((i) => block.map((name) => `${i}.${name}`));
    assert.deepEqual(got, [...blocks, 'norm.scale', 'norm.offset']);
  });

  it('treats samples apart, as a whole', () => {
    const options = { patch: 2, dim: 8, depth: 2, heads: 2, mlp: 6, classes: 3 };
    const layer = vit(options);
    assert.deepEqual(layer.build([4, 4, 2]).outputShape, [3]);
    for (const samples of [
      [1, 2],
      [2, 2],
    ] as const)
      assertSamplesApart(layer, [4, 4, 2], samples);
    const causal = transformerEncoder({ depth: 1, heads: 2, mlp: 6, causal: true });
    assertSamplesApart(causal, [5, 4], [2, 2]);
  });

  it('has as many parameters as the model of the paper', () => {
    const { parameters } = tinySimpleVit().build([32, 32, 3]);
    const sizes = parameters.map(({ shape }) => shape.reduce((a, b) => a * b, 1));
    const block = 2 * 2 * 192 + 192 * 576 + 192 * 192 + (192 * 768 + 768) + (768 * 192 + 192);
    const embedding = 2 * 48 + (48 * 192 + 192) + 2 * 192;
    const total = embedding + 6 * block + 2 * 192 + (192 * 10 + 10);
    assert.equal(
      sizes.reduce((a, b) => a + b),
      total,
    );
    assert.equal(total, 2_676_778);
    const plain = parameters.filter(({ bayesian }) => !bayesian).map(({ name }) => name.split('.').at(-1));
    assert.deepEqual([...new Set(plain)].sort(), ['offset', 'scale']);
  });

  it('refuses what it cannot take, and says why', () => {
    const refused: [Layer, number[], RegExp][] = [
      [
        patches({ patch: 3 }),
        [32, 32, 3],
        /^patches of 3 x 3 do not tile images of 32 x 32: choose a size that divides them/,
      ],
      [patchEmbedding({ patch: 3, dim: 8 }), [32, 32, 3], /^patches of 3 x 3 do not tile/],
      [patchEmbedding({ patch: 4, dim: 8 }), [64], /^layers\.patchEmbedding needs images .* got \[64\]/],
      [patchEmbedding({ patch: 4, dim: 6 }), [8, 8, 1], /a multiple of 4 and at least 8, got 6/],
      [positionEncoding(), [6, 8], /6 tokens do not make a square: set option 'grid'/],
      [positionEncoding({ grid: [2, 2] }), [6, 8], /6 tokens do not make a grid of 2 x 2/],
      [positionEncoding(), [4, 4], /a multiple of 4 and at least 8, got 4/],
      [
        positionEncoding(),
        [16],
        /^layers\.positionEncoding needs inputs of shape \[tokens, features\], got \[16\]/,
      ],
      [residual(dense({ units: 3 })), [4], /must be of one shape: dense makes \[3\] of \[4\]/],
      [transformerEncoder({ depth: 1, heads: 3, mlp: 8 }), [4, 8], /cannot split 8 features into 3 heads/],
    ];
    for (const [layer, shape, message] of refused) {
      assert.throws(() => layer.build(shape), { name: 'CredenceError', code: 'E_SHAPE', message });
    }
    assert.throws(() => residual(dense as unknown as Layer), {
      code: 'E_OPTION',
      message: /^layers\.residual needs a layer/,
    });
    assert.throws(() => vit({ patch: 4 } as Parameters<typeof vit>[0]), {
      code: 'E_OPTION',
      message: /^layers\.vit/,
    });
  });

  it('can be put together from its parts', () => {
    const parts = sequential([
      patches({ patch: 2 }),
      dense({ units: 8 }),
      transformerEncoder({ depth: 1, heads: 2, mlp: 6 }),
      globalAveragePool(),
      dense({ units: 3 }),
    ]);
    assertSamplesApart(parts, [4, 4, 1], [1, 2]);
  });
});
