import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { backend } from '../../lib/engine/tfjs/backend';
import { type Layer, patchMerging, swin, windowAttention } from '../../lib/layers';
import { fromWindows, relativePositionIndex, shiftMask, toWindows } from '../../lib/layers/swinWindows';
import { assertClose, golden, type Golden } from '../golden';
import { refuses } from '../refuses';
import { applied, assertGolden, assertNear, assertSamplesApart, noise, parametersOf } from './evaluate';

const one = (list: unknown): tf.Tensor => tf.expandDims(tf.tensor(list as number[]), 0);
type Expected = Readonly<Record<string, Golden>>;

/** Our names of the parameters of a block, and those of the golden values. */
const renamed = {
  'attention.norm.scale': 'ln1_gamma',
  'attention.norm.offset': 'ln1_beta',
  'attention.windows.qkv.kernel': 'Wqkv',
  'attention.windows.qkv.bias': 'bqkv',
  'attention.windows.positionBias': 'rel_bias',
  'attention.windows.output.kernel': 'Wproj',
  'attention.windows.output.bias': 'bproj',
  'mlp.norm.scale': 'ln2_gamma',
  'mlp.norm.offset': 'ln2_beta',
  'mlp.hidden.kernel': 'W1',
  'mlp.hidden.bias': 'b1',
  'mlp.output.kernel': 'W2',
  'mlp.output.bias': 'b2',
};

/** A Swin transformer's block alone: one whose other parts are passed by. */
function blockOf(layer: Layer, inputShape: readonly number[], path: string): Layer {
  const built = path
    .split('.')
    .reduce(
      (layer, name) => layer.parts!.find((part) => part.name === name)!.layer,
      layer.build(inputShape) as Partial<ReturnType<Layer['build']>>,
    );
  return { name: 'block', build: () => built as ReturnType<Layer['build']> };
}

describe('layers: windows of a Swin transformer', () => {
  before(() => {
    backend();
  });

  interface Partition {
    x: number[][][][];
    window: number;
    shift: number;
  }
  for (const { name, inputs, expected } of golden<Partition, Expected>('swin', 'swin_window_partition')) {
    it(`swin.json ${name}: partition, and back`, () => {
      const x = tf.tensor4d(inputs.x);
      const window = [inputs.window, inputs.window] as const;
      for (const [shift, want] of [
        [0, 'windows'],
        [inputs.shift, 'shifted_windows'],
      ] as const) {
        const grid = { image: [4, 4], window, shift: [shift, shift] } as const;
        const windows = toWindows(x, grid);
        assertClose(windows.dataSync(), expected[want]!, 0, want);
        assertClose(fromWindows(windows, grid).dataSync(), inputs.x, 0, 'back');
      }
    });
  }

  it('may be oblong, of several images and channels, shifted along one axis', () => {
    const x = noise(1, [3, 4, 6, 2]);
    const grid = { image: [4, 6], window: [2, 3], shift: [0, 1] } as const;
    const windows = toWindows(x, grid);
    assert.deepEqual(windows.shape, [3 * 4, 6, 2]);
    // the last window of the second image, its last token: row 3, column 5 + 1 = 0
    assertNear(
      tf.slice(windows, [7, 5, 0], [1, 1, 2]),
      tf.slice(tf.reshape(x, [72, 1, 2]), [24 + 18, 0, 0], [1, 1, 2]),
      0,
      'token',
    );
    assertNear(fromWindows(windows, grid), x, 0, 'back');
  });

  it('number the relative positions of their tokens', () => {
    const [first] = golden<{ relative_position_index: number[][] }>('swin', 'swin_attention_only');
    assertClose(relativePositionIndex([2, 2]), first!.inputs.relative_position_index, 0);
    // 1 x 3: the second token minus the first is -1, of -2..2
    assert.deepEqual(Array.from(relativePositionIndex([1, 3])), [2, 1, 0, 3, 2, 1, 4, 3, 2]);
  });

  it('hide tokens from each other that were no neighbours', () => {
    const mask = shiftMask({ image: [4, 4], window: [2, 2], shift: [1, 1] });
    const window = (n: number): number[][] =>
      [0, 1, 2, 3].map((t) => Array.from(mask.subarray(16 * n + 4 * t, 16 * n + 4 * t + 4)));
    const x = -100;
    assert.deepEqual(window(0), Array(4).fill([0, 0, 0, 0]));
    // columns 2 and 3 of the shifted image: 3 and 0 of the image
    assert.deepEqual(window(1), [[0, x, 0, x], [x, 0, x, 0], [0, x, 0, x], [x, 0, x, 0]]); // prettier-ignore
    assert.deepEqual(window(2), [[0, 0, x, x], [0, 0, x, x], [x, x, 0, 0], [x, x, 0, 0]]); // prettier-ignore
    assert.deepEqual(window(3), [[0, x, x, x], [x, 0, x, x], [x, x, 0, x], [x, x, x, 0]]); // prettier-ignore
  });
});

describe('layers: Swin transformer', () => {
  before(() => {
    backend();
  });

  interface Inputs {
    x: number[][][][];
    grad_output: number[][][][];
    window: number;
    shift: number;
    heads: number;
    [name: string]: unknown;
  }
  for (const { name, inputs, expected, tolerance_f32 } of golden<Inputs, Expected>('swin', 'swin_block')) {
    it(`swin.json ${name}: output and all gradients`, () => {
      const shape = [4, 4, 4];
      const options = { patch: 1, dim: 4, depths: [2], heads: [2], window: 2, mlpRatio: 2 };
      const block = blockOf(swin(options), shape, `stage0.block${inputs.shift}`);
      const entries = Object.entries(renamed);
      const tensors = Object.fromEntries(entries.map(([ours, theirs]) => [ours, one(inputs[theirs])]));
      assert.deepEqual(
        block.build(shape).parameters.map(({ name }) => name),
        Object.keys(renamed),
      );
      const gradients = entries.map(
        ([ours, theirs]) => [`grad_${ours}`, expected[`grad_${theirs}`]!] as const,
      );
      assertGolden(
        applied(block, shape),
        { x: one(inputs.x), ...tensors },
        {
          dy: one(inputs.grad_output),
          expected: {
            output: expected['output']!,
            grad_x: expected['grad_x']!,
            ...Object.fromEntries(gradients),
          },
          tolerance: tolerance_f32,
        },
      );
    });
  }

  for (const { name, inputs, expected, tolerance_f32 } of golden<Inputs, Expected>(
    'swin',
    'swin_attention_only',
  )) {
    it(`swin.json ${name}: output`, () => {
      const layer = windowAttention({ heads: inputs.heads, window: 2, shifted: inputs.shift > 0 });
      const names = { 'qkv.kernel': 'Wqkv', 'qkv.bias': 'bqkv', positionBias: 'rel_bias', 'output.kernel': 'Wproj', 'output.bias': 'bproj' }; // prettier-ignore
      const values = Object.entries(names).map(([ours, theirs]) => [ours, one(inputs[theirs])] as const);
      const output = applied(
        layer,
        [4, 4, 4],
      )({ x: one(inputs['normalised_x']), ...Object.fromEntries(values) });
      assertClose(output.dataSync(), expected['output']!, tolerance_f32);
    });
  }

  it('merges patches: halves the image and doubles the channels', () => {
    const layer = patchMerging();
    assert.deepEqual(layer.build([4, 6, 3]).outputShape, [2, 3, 6]);
    const x = tf.reshape(tf.range(0, 16), [1, 1, 4, 4, 1]);
    const kernel = tf.tensor3d([[[1, 0], [0, 0], [0, 0], [0, 1]]]); // prettier-ignore
    const ones = tf.ones([1, 4]);
    const values = { 'norm.scale': ones, 'norm.offset': tf.zerosLike(ones), 'reduction.kernel': kernel };
    // of 0, 1, 4, 5: mean 2.5, standard deviation sqrt(17 / 4)
    const edge = 2.5 / Math.sqrt(17 / 4 + 1e-5);
    const want = tf.tile(tf.tensor1d([-edge, edge]), [4]);
    assertNear(
      applied(layer, [4, 4, 1])({ x, ...values }),
      tf.reshape(want, [1, 1, 2, 2, 2]),
      1e-6,
      'output',
    );
  });

  it('treats samples apart, as a whole', () => {
    const layer = swin({
      classes: 3,
      patch: 1,
      dim: 4,
      depths: [2, 1],
      heads: [2, 2],
      window: 2,
      mlpRatio: 1,
    });
    assert.deepEqual(layer.build([4, 4, 2]).outputShape, [3]);
    for (const samples of [
      [1, 2],
      [2, 2],
      [2, 1],
    ] as const)
      assertSamplesApart(layer, [4, 4, 2], samples);
  });

  it('may share some weights among samples, and not others', () => {
    const layer = windowAttention({ heads: 2, window: 2, shifted: true });
    const values = parametersOf(layer, [4, 4, 4], 3);
    const x = noise(1, [1, 2, 4, 4, 4]);
    const fn = applied(layer, [4, 4, 4]);
    for (const apart of Object.keys(values)) {
      const few = Object.fromEntries(
        Object.entries(values).map(([name, value]) => [name, name === apart ? value : tf.slice(value, 0, 1)]),
      );
      const all = Object.fromEntries(
        Object.entries(few).map(([name, value]) => [
          name,
          tf.tile(value, [3 / value.shape[0], ...value.shape.slice(1).map(() => 1)]),
        ]),
      );
      assertNear(fn({ x, ...few }), fn({ x, ...all }), 1e-6, apart);
    }
  });

  it('takes the whole image for a window where that is larger, and does not shift it', () => {
    const values = parametersOf(windowAttention({ heads: 2, window: 2 }), [2, 2, 4], 1);
    const x = noise(1, [1, 2, 2, 2, 4]);
    const [small, large] = [2, 7].map((window) =>
      applied(windowAttention({ heads: 2, window, shifted: true }), [2, 2, 4])({ x, ...values }),
    );
    assertNear(large!, small!, 0, 'output');
  });

  it('has small defaults, and the parameters of Swin-T where it is asked for that', () => {
    const count = (layer: Layer, shape: number[]): number =>
      layer.build(shape).parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
    assert.deepEqual(swin().build([32, 32, 3]).outputShape, [8, 8, 96]);
    const small = swin({ classes: 10 });
    assert.deepEqual(small.build([32, 32, 3]).outputShape, [10]);
    const block = (d: number, heads: number): number =>
      4 * d + 4 * d * d + 4 * d + 49 * heads + 8 * d * d + 5 * d;
    assert.equal(
      count(small, [32, 32, 3]),
      12 * 48 + 48 + 96 + 2 * block(48, 3) + (2 * 192 + 192 * 96) + 2 * block(96, 6) + 192 + 970,
    );
    const options = {
      classes: 1000,
      patch: 4,
      dim: 96,
      depths: [2, 2, 6, 2],
      heads: [3, 6, 12, 24],
      window: 7,
    };
    assert.equal(count(swin(options), [224, 224, 3]), 28_288_354); // torchvision's swin_t
  });

  it('refuses what it cannot take, and says why', () => {
    const refused: [Layer, number[], RegExp][] = [
      [swin({ patch: 3 }), [32, 32, 3], /^patches of 3 x 3 do not tile images of 32 x 32/],
      [
        swin(),
        [30, 30, 3],
        /^windows of 4 x 4 do not tile images of 15 x 15: choose a size that divides them/,
      ],
      [
        swin({ window: 3, depths: [1, 1] }),
        [30, 30, 3],
        /^layers\.patchMerging halves images, and 15 x 15 is not even/,
      ],
      [swin(), [64], /^layers\.swin needs images .* got \[64\]/],
      [
        windowAttention({ heads: 3, window: 2 }),
        [4, 4, 4],
        /^layers\.windowAttention cannot split 4 features into 3 heads/,
      ],
    ];
    for (const [layer, shape, message] of refused) refuses(() => layer.build(shape), 'E_SHAPE', message);
    refuses(
      () => swin({ heads: [2] }),
      'E_OPTION',
      /^layers\.swin: option 'heads' is for 1 stages, and option 'depths' for 2/,
    );
    refuses(() => swin({ depths: [] }), 'E_OPTION', /option 'depths' must be a list of whole numbers/);
  });
});
