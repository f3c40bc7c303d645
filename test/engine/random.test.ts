import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { typeAttribute } from '../../lib/engine/native/attributes';
import { DataType } from '../../lib/engine/native/dtype';
import { jit } from '../../lib/engine/compile/jit';
import { threefry } from '../../lib/engine/random';
import { tensorflow } from '../../lib/engine/tfjs/tensorflow';
import { asTensor, operation } from '../../lib/engine/compile/trace';
import { sampleNormal, standardNormals } from '../../lib/inference/families/sampling';
import { noiseKeys } from '../../lib/streams';
import { type Key, threefry2x32 } from '../../lib/threefry';
import { normalCdf } from '../../lib/metrics/normal';
import { assertClose, golden } from '../golden';
import { type Position, referenceNormals, sampleKey } from './noise';

const KEY: Key = [0x9e3779b9, 0x12345678];

/** Keys of the samples at a position: [samples, 2]. */
const keysAt = (position: Position, samples: number): tf.Tensor =>
  tf.tensor2d(
    Int32Array.from(Array.from({ length: samples }, (_, i) => sampleKey(position, i)).flat()),
    [samples, 2],
    'int32',
  );
const at = (position: Partial<Position> = {}): Position => ({
  key: KEY,
  step: 0,
  stream: 0,
  firstSample: 0,
  ...position,
});
const draw = (position: Position, samples: number, shape: number[]): Float32Array =>
  standardNormals(keysAt(position, samples), [1, ...shape], tf.scalar(0, 'int32')).dataSync<'float32'>();

describe('engine: random bits', () => {
  before(() => {
    tensorflow();
  });

  const cast = (x: Parameters<typeof operation>[2][number], from: number, to: number) =>
    operation('Bitcast', [typeAttribute('T', from), typeAttribute('type', to)], [x]);
  const { int32, uint32 } = DataType;

  for (const xla of [false, true]) {
    /** Four lists of words in, two out. */
    const bits = jit(
      (...words: tf.Tensor[]) => {
        const [k0, k1, c0, c1] = words.map((word) => cast(word, int32, uint32));
        return threefry([k0!, k1!], [c0!, c1!]).map((word) => asTensor(cast(word, uint32, int32)));
      },
      { xla },
    );
    const run = (key: readonly number[], counters: readonly (readonly number[])[]): number[][] => {
      const list = (words: readonly number[]) => tf.tensor1d(Int32Array.from(words), 'int32');
      const inputs = [
        list([key[0]!]),
        list([key[1]!]),
        list(counters.map((c) => c[0]!)),
        list(counters.map((c) => c[1]!)),
      ];
      const [a, b] = bits(...inputs).map((t) => Uint32Array.from(t.dataSync()));
      return counters.map((_, i) => [a![i]!, b![i]!]);
    };
    const how = xla ? 'with XLA' : 'as a graph';

    for (const { name, inputs, expected } of golden<{ key: Key; counter: Key }, { output: number[] }>(
      'random',
      'threefry2x32_20',
    )) {
      it(`${how}: random.json ${name}`, () => {
        assert.deepEqual(run(inputs.key, [inputs.counter]), [expected.output]);
      });
    }

    it(`${how}: equal lib/threefry.ts at many counters`, () => {
      const counters = Array.from({ length: 200 }, (_, i): Key => [i * 7919, 2 ** 32 - 1 - i * 104729]);
      assert.deepEqual(
        run(KEY, counters),
        counters.map((counter) => threefry2x32(KEY, counter)),
      );
    });
  }
});

describe('engine: standard normals', () => {
  before(() => {
    tensorflow();
  });

  it('equal the plain TypeScript of test/engine/noise.ts within 2e-6, for odd and even lengths', () => {
    for (const length of [1, 2, 7, 300]) {
      const position = at({ step: 12, stream: 3, firstSample: 5 });
      assertClose(draw(position, 4, [length]), Array.from(referenceNormals(position, 4, length)), 2e-6);
    }
  });

  it('have the keys that noiseKeys gives', () => {
    const keys = noiseKeys(KEY, 12, { streams: 3, samples: 2, firstSample: 5 });
    const want = [0, 1, 2].flatMap((stream) =>
      [0, 1].flatMap((sample) => sampleKey(at({ step: 12, stream, firstSample: 5 }), sample)),
    );
    assert.deepEqual(
      Array.from(keys, (word) => word >>> 0),
      want,
    );
  });

  it('do not depend on how the samples are split: 0..7 at once are 0..3 and 4..7, bit for bit', () => {
    const whole = draw(at({ step: 2 }), 8, [5, 3]);
    const parts = [0, 4].map((firstSample) => draw(at({ step: 2, firstSample }), 4, [5, 3]));
    assert.deepEqual([...parts[0]!, ...parts[1]!], Array.from(whole));
  });

  it('do not depend on how the data are split: 0..6 at once are 0..2, 3..3 and 4..6, bit for bit, odd widths and even', () => {
    for (const shape of [[4], [5], [1], [3, 5], [2, 3]]) {
      const keys = keysAt(at({ step: 2 }), 3);
      const some = (first: number, count: number): tf.Tensor =>
        standardNormals(keys, [count, ...shape], tf.scalar(first, 'int32'));
      const parts = tf.concat([some(0, 3), some(3, 1), some(4, 3)], 1);
      assert.deepEqual(parts.dataSync(), some(0, 7).dataSync(), `[7, ${shape.join(', ')}]`);
    }
  });

  it('of a datum begin at a block of their own: even widths are those of all data in a row', () => {
    const normals = (shape: number[]): Float32Array =>
      standardNormals(keysAt(at(), 2), shape, tf.scalar(0, 'int32')).dataSync<'float32'>();
    assert.deepEqual(normals([6, 4]), draw(at(), 2, [24]));
    const odd = tf.slice(tf.tensor(draw(at(), 2, [6, 4]), [2, 6, 4]), [0, 0, 0], [2, 6, 3]);
    assert.deepEqual(normals([6, 3]), odd.dataSync());
  });

  it('of data are computed by one compiled function, wherever they begin', () => {
    const run = jit((keys, first) => standardNormals(keys, [2, 3], first));
    const keys = keysAt(at(), 2);
    const whole = standardNormals(keys, [8, 3], tf.scalar(0, 'int32'));
    for (const first of [0, 2, 6]) {
      const want = tf.slice(whole, [0, first, 0], [2, 2, 3]).dataSync();
      assert.deepEqual(run(keys, tf.scalar(first, 'int32')).dataSync(), want);
    }
  });

  it('differ with key, step, stream and sample', () => {
    const positions = [at(), at({ key: [1, 2] }), at({ step: 1 }), at({ stream: 1 }), at({ firstSample: 1 })];
    const first = positions.map((position) => draw(position, 4, [7]).slice(0, 7).join());
    assert.equal(new Set(first).size, positions.length);
  });

  it('have the moments of N(0, 1), and neighbours do not go together', () => {
    // 200,000 draws: every bound is above four standard errors of its moment (sqrt(1, 2, 15, 96 / n); 1 / sqrt(n) for products)
    const n = 50_000;
    const z = draw(at({ step: 9 }), 4, [n]);
    const mean = (of: (value: number, i: number) => number): number =>
      z.reduce((sum, v, i) => sum + of(v, i), 0) / z.length;
    assert.ok(z.every(Number.isFinite));
    assert.ok(Math.abs(mean((v) => v)) < 0.01);
    assert.ok(Math.abs(mean((v) => v ** 2) - 1) < 0.015);
    assert.ok(Math.abs(mean((v) => v ** 3)) < 0.04);
    assert.ok(Math.abs(mean((v) => v ** 4) - 3) < 0.1);
    // the two numbers of a block, those of neighbouring blocks, and the same element of the next sample
    for (const lag of [1, 2, n]) {
      assert.ok(Math.abs(mean((v, i) => v * (z[i + lag] ?? 0))) < 0.012, `lag ${lag}`);
    }
  });

  it('have the distribution function and the tails of N(0, 1)', () => {
    const z = draw(at({ step: 10 }), 4, [250_000]).toSorted();
    const n = z.length; // a million
    // Kolmogorov and Smirnov: sqrt(n) D is below 1.95 in 999 of 1000 cases
    const distance = z.reduce(
      (most, value, i) => Math.max(most, Math.abs(normalCdf(value) - (i + 0.5) / n)),
      0,
    );
    assert.ok(Math.sqrt(n) * distance < 1.95, `sqrt(n) D = ${Math.sqrt(n) * distance}`);
    for (const beyond of [2, 3, 4]) {
      const expected = 2 * n * normalCdf(-beyond);
      const found = z.filter((value) => Math.abs(value) > beyond).length;
      assert.ok(
        Math.abs(found - expected) < 4.5 * Math.sqrt(expected),
        `${found} beyond ${beyond}, expected ${expected}`,
      );
    }
    assert.ok(z[0]! > -6.8 && z[n - 1]! < 6.8, 'the words have 32 bits: none is beyond 6.77');
  });

  it('are independent of those of other steps, streams, samples and seeds', () => {
    const n = 40_000;
    const first = draw(at(), 2, [n]);
    const others = [
      at({ step: 1 }),
      at({ stream: 1 }),
      at({ firstSample: 1 }),
      at({ key: [KEY[0], KEY[1] + 1] }),
    ];
    for (const position of others) {
      const other = draw(position, 1, [n]);
      const correlation = other.reduce((sum, value, i) => sum + value * first[i]!, 0) / n;
      assert.ok(Math.abs(correlation) < 4.5 / Math.sqrt(n), JSON.stringify({ position, correlation }));
    }
  });
});

describe('engine: samples of a normal distribution', () => {
  before(() => {
    tensorflow();
  });
  const position = at({ step: 4, stream: 2, firstSample: 3 });
  const mean = [0.5, -1, 2, 0, 3, -0.25];
  const logStd = [-1, -2, 0, 0.5, -3, -0.5];
  const parameters = () => [tf.tensor2d(mean, [2, 3]), tf.tensor2d(logStd, [2, 3])] as const;
  const eps = referenceNormals(position, 2, 6);

  it('are mean + exp(logStd) eps', () => {
    const [m, s] = parameters();
    const samples = sampleNormal({ mean: m, logStd: s }, keysAt(position, 2));
    assert.deepEqual(samples.shape, [2, 2, 3]);
    const want = Array.from(eps, (e, i) => mean[i % 6]! + Math.exp(logStd[i % 6]!) * e);
    assertClose(samples.dataSync(), want, 5e-6);
  });

  it('have the gradients sum_s g and sum_s g exp(logStd) eps', () => {
    const g = [1, -2, 0.5, 3, 1, -1, 2, 0, 1, -1, 0.25, 4];
    const loss = (m: tf.Tensor, s: tf.Tensor): tf.Tensor =>
      tf.sum(tf.mul(sampleNormal({ mean: m, logStd: s }, keysAt(position, 2)), tf.tensor3d(g, [2, 2, 3])));
    const [forMean, forLogStd] = tf.grads(loss)([...parameters()]) as [tf.Tensor, tf.Tensor];
    const sum = (of: (i: number) => number) => mean.map((_, i) => of(i) + of(i + 6));
    assertClose(
      forMean.dataSync(),
      sum((i) => g[i]!),
      1e-6,
    );
    assertClose(
      forLogStd.dataSync(),
      sum((i) => g[i]! * Math.exp(logStd[i % 6]!) * eps[i]!),
      1e-5,
    );
  });
});
