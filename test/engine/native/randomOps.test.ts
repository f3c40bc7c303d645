import assert from 'node:assert/strict';
import { typeAttribute } from '../../../lib/engine/native/attributes';
import { Context, type Handle } from '../../../lib/engine/native/context';
import { DataType } from '../../../lib/engine/native/dtype';
import type { NumericValues } from '../../../lib/engine/native/values';
import { assertClose, golden } from '../../golden';

const { int32, uint32, uint64, float32, float64 } = DataType;
const PHILOX = 1;

/** Where a stream of random bits begins: 64-bit integers, in JSON as text. */
interface Place {
  key: bigint | string;
  counter: readonly (bigint | string)[];
}
interface Inputs extends Place {
  shape: readonly number[];
}

/** 64-bit integers as JSON has them. */
const texts = (values: NumericValues): string[] => Array.from(values, String);
/** The rows of a nested list one after the other. */
const inOrder = (nested: readonly unknown[]): unknown[] => nested.flat(Infinity);

/** The share of a word that TensorFlow takes for a number in [0, 1): 23 bits. */
const uniform = (word: number): number => (word & 0x7fffff) / 2 ** 23;
/** How it makes two normals of two words: sine first, and no uniform below 1e-7. */
const boxMuller = (words: ArrayLike<number>): number[] =>
  Array.from({ length: words.length }, (_, i) => {
    const [u, v] = [uniform(words[i - (i % 2)]!), uniform(words[i - (i % 2) + 1]!)];
    const radius = Math.sqrt(-2 * Math.log(Math.max(u, 1e-7)));
    return radius * (i % 2 ? Math.cos(2 * Math.PI * v) : Math.sin(2 * Math.PI * v));
  });

describe('engine: the random numbers of TensorFlow are those it documents', () => {
  let context: Context;
  before(() => (context = new Context()));
  after(() => context.dispose());

  /** Runs an operation and reads what it gives; no tensor is left. */
  function run(name: string, inputs: readonly Handle[], type?: number, outputs = 1): NumericValues[] {
    const attributes = type === undefined ? [] : [typeAttribute('dtype', type)];
    const results = context.execute(name, attributes, inputs, outputs);
    const values = results.map((result) => context.read(result).slice() as NumericValues);
    [...inputs, ...results].forEach((each) => context.free(each));
    return values;
  }
  const integers = (shape: readonly number[], values: readonly number[]): Handle =>
    context.tensor(int32, shape, Int32Array.from(values));
  const scalars = (values: readonly number[]): Handle[] => values.map((value) => integers([], [value]));
  const longs = (values: Place['counter']): Handle =>
    context.tensor(uint64, [values.length], BigUint64Array.from(values, BigInt));

  /** Numbers of one of the operations StatelessRandom...V2. @param limits of whole numbers: the least, and the first that is too large */
  const draw = (
    kind: 'UniformFullInt' | 'UniformInt' | 'Uniform' | 'Normal',
    type: number,
    { key, counter, shape }: Inputs,
    limits: readonly number[] = [],
  ): NumericValues =>
    run(
      `StatelessRandom${kind}V2`,
      [integers([shape.length], shape), longs([key]), longs(counter), ...scalars([PHILOX, ...limits])],
      type,
    )[0]!;
  const placeOf = (seed: readonly number[]): Place => {
    const [key, counter] = run('StatelessRandomGetKeyCounter', [integers([2], seed)], undefined, 2);
    return { key: texts(key!)[0]!, counter: texts(counter!) };
  };

  for (const { name, inputs, expected } of golden<
    { key: readonly number[]; counter: readonly number[] },
    { output: number[] }
  >('random', 'philox4x32_10')) {
    it(`random.json ${name}: a block of four words`, () => {
      const join = (low: number, high: number): bigint => (BigInt(high) << 32n) | BigInt(low);
      const [k0, k1] = inputs.key as [number, number];
      const [c0, c1, c2, c3] = inputs.counter as [number, number, number, number];
      const place = { key: join(k0, k1), counter: [join(c0, c1), join(c2, c3)], shape: [4] };
      assert.deepEqual([...draw('UniformFullInt', uint32, place)], expected.output);
    });
  }

  for (const { name, inputs, expected } of golden<
    Inputs & { int_min: number; int_max: number },
    { uint32: unknown[]; int32: unknown[]; uint64: unknown[]; uniform_int: unknown[] }
  >('random', 'tf_stateless_int_philox')) {
    it(`random.json ${name}: whole numbers, every bit`, () => {
      assert.deepEqual([...draw('UniformFullInt', uint32, inputs)], inOrder(expected.uint32));
      assert.deepEqual([...draw('UniformFullInt', int32, inputs)], inOrder(expected.int32));
      assert.deepEqual(texts(draw('UniformFullInt', uint64, inputs)), inOrder(expected.uint64));
      const among = draw('UniformInt', int32, inputs, [inputs.int_min, inputs.int_max]);
      assert.deepEqual([...among], inOrder(expected.uniform_int));
    });
  }

  for (const { name, inputs, expected, tolerance } of golden<
    Inputs,
    { uniform_f32: number[]; uniform_f64: number[] }
  >('random', 'tf_stateless_uniform_philox')) {
    it(`random.json ${name}: to the last of the digits there`, () => {
      assertClose(draw('Uniform', float32, inputs), expected.uniform_f32, tolerance, 'float32');
      assertClose(draw('Uniform', float64, inputs), expected.uniform_f64, tolerance, 'float64');
    });
  }

  for (const { name, inputs, expected, tolerance } of golden<Inputs, { normal_f32: number[] }>(
    'random',
    'tf_stateless_normal_philox',
  )) {
    it(`random.json ${name}`, () =>
      assertClose(draw('Normal', float32, inputs), expected.normal_f32, tolerance));
  }

  for (const { name, inputs, expected, tolerance } of golden<Inputs, { normal_f64: number[] }>(
    'random',
    'tf_stateless_normal_f64_philox',
  )) {
    it(`random.json ${name}`, () =>
      assertClose(draw('Normal', float64, inputs), expected.normal_f64, tolerance));
  }

  for (const { name, inputs, expected } of golden<{ seed: number[] }, { key: string; counter: string[] }>(
    'random',
    'tf_seed_to_key_counter',
  )) {
    it(`random.json ${name}`, () => assert.deepEqual(placeOf(inputs.seed), expected));
  }

  for (const { name, inputs, expected, tolerance } of golden<
    { seed: number[] },
    { stateless_normal_3: number[]; stateless_uniform_3: number[] }
  >('random', 'tf_stateless_from_seed')) {
    it(`random.json ${name}`, () => {
      const place = { ...placeOf(inputs.seed), shape: [3] };
      assertClose(draw('Normal', float32, place), expected.stateless_normal_3, tolerance, 'normal');
      assertClose(draw('Uniform', float32, place), expected.stateless_uniform_3, tolerance, 'uniform');
    });
  }

  for (const { name, inputs, expected, tolerance } of golden<
    { words: number[] },
    { uniform_f32: number[]; normal_f32: number[] }
  >('random', 'box_muller_tf')) {
    // no operation takes words: what is made of them here is what TensorFlow makes of its own
    it(`random.json ${name}, and the same of the words of any key`, () => {
      assertClose(inputs.words.map(uniform), expected.uniform_f32, tolerance, 'uniform');
      assertClose(boxMuller(inputs.words), expected.normal_f32, tolerance, 'normal');
      const place = { key: 20_260_404n, counter: [3n, 1n], shape: [1000] };
      const words = Uint32Array.from(draw('UniformFullInt', uint32, place) as Uint32Array);
      assertClose(draw('Uniform', float32, place), Array.from(words, uniform), 0);
      assertClose(draw('Normal', float32, place), boxMuller(words), tolerance);
    });
  }
});
