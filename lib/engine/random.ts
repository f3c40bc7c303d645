/**
 * Random numbers inside compiled functions. They are counter-based (Threefry2x32-20, Salmon et al. 2011): the number at
 * (key, step, stream, sample, element) is a pure function of these five, so results do not depend on how the samples are
 * spread over workers. `lib/threefry.ts` gives the same bits in plain TypeScript.
 */
import * as tf from '@tensorflow/tfjs';
import { typeAttribute } from './attributes';
import { DataType } from './dtype';
import type { Node } from './graph';
import { asTensor, operation } from './trace';

const { uint32, int32, float32 } = DataType;
type Operand = tf.Tensor | Node;

const binary =
  (name: string) =>
  (a: Operand, b: Operand): Node =>
    operation(name, [typeAttribute('T', uint32)], [a, b]);
const add = binary('AddV2');
const xor = binary('BitwiseXor');
const or = binary('BitwiseOr');
const and = binary('BitwiseAnd');
const shiftLeft = binary('LeftShift');
const shiftRight = binary('RightShift');

const bitcast = (x: Operand, from: number, to: number): Node =>
  operation('Bitcast', [typeAttribute('T', from), typeAttribute('type', to)], [x]);
const cast = (x: Operand, from: number, to: number): Node =>
  operation('Cast', [typeAttribute('SrcT', from), typeAttribute('DstT', to)], [x]);
const word = (value: number): Node => bitcast(tf.scalar(value | 0, 'int32'), int32, uint32);
const rotate = (x: Node, by: number): Node => or(shiftLeft(x, word(by)), shiftRight(x, word(32 - by)));

type Words = readonly [Operand, Operand];

/** Threefry2x32 with 20 rounds on uint32 tensors that broadcast together. */
export function threefry([k0, k1]: Words, [c0, c1]: Words): [Node, Node] {
  const rotations = [13, 15, 26, 6, 17, 29, 16, 24] as const;
  const keys = [k0, k1, xor(xor(k0, k1), word(0x1bd11bda))] as const;
  let [x0, x1] = [add(c0, keys[0]), add(c1, keys[1])];
  for (let round = 0; round < 20; round++) {
    x0 = add(x0, x1);
    x1 = xor(rotate(x1, rotations[round % 8]!), x0);
    if (round % 4 === 3) {
      const injection = (round + 1) / 4;
      x0 = add(x0, keys[injection % 3]!);
      x1 = add(x1, add(keys[(injection + 1) % 3]!, word(injection)));
    }
  }
  return [x0, x1];
}

/** New keys for a tensor of indices, as `foldIn` of `lib/threefry.ts`. */
const foldIn = (key: Words, index: Operand): [Node, Node] => threefry(key, [word(0), index]);

const unsigned = (x: tf.Tensor): Node => bitcast(x, int32, uint32);

/** [n] -> [n, 1] */
const column = (x: Node): Node =>
  operation(
    'ExpandDims',
    [typeAttribute('T', uint32), typeAttribute('Tdim', int32)],
    [x, tf.scalar(1, 'int32')],
  );

/** 0, 1, ..., length - 1 as uint32. */
const iota = (length: number): Node => {
  const range = [tf.scalar(0, 'int32'), tf.scalar(length, 'int32'), tf.scalar(1, 'int32')];
  return bitcast(operation('Range', [typeAttribute('Tidx', int32)], range), int32, uint32);
};

/** Where in the random stream a tensor of numbers lies. All are int32 tensors, so that one compiled function serves every step. */
export interface StreamPosition {
  /** [2]: the words of a key. */
  key: tf.Tensor;
  /** []: the training step. */
  step: tf.Tensor;
  /** []: tells apart the tensors of one step. */
  stream: tf.Tensor;
  /** []: the number of the first sample, counted over all workers. */
  firstSample: tf.Tensor;
}

const polynomial = (coefficients: readonly number[], x: tf.Tensor): tf.Tensor =>
  coefficients.reduceRight((sum: tf.Tensor, c) => tf.add(tf.mul(sum, x), c), tf.scalar(0));

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
const taylor = (terms: number, power: (k: number) => number): number[] =>
  Array.from({ length: terms }, (_, k) => ((-1) ** k * Math.PI ** power(k)) / factorial(power(k)));

/**
 * Two random words become two independent standard normals (Box and Muller 1958). The angle is pi a with a in [-1/2, 1/2), and
 * the word's top bit gives the cosine its sign, so that two short polynomials do for sine and cosine.
 */
function boxMuller(u: Node, v: Node): [tf.Tensor, tf.Tensor] {
  const uniform = tf.add(tf.mul(asTensor(cast(u, uint32, float32)), 2 ** -32), 2 ** -33);
  const radius = tf.sqrt(tf.mul(tf.log(uniform), -2));
  const one = 0x3f800000; // the bits of 1.0: with the sign bit of v, plus or minus one
  const sign = asTensor(bitcast(or(and(v, word(0x80000000)), word(one)), uint32, float32));
  const low31 = bitcast(and(v, word(0x7fffffff)), uint32, int32);
  const a = tf.sub(tf.mul(asTensor(cast(low31, int32, float32)), 2 ** -31), 0.5);
  const squared = tf.square(a);
  const sine = tf.mul(
    a,
    polynomial(
      taylor(6, (k) => 2 * k + 1),
      squared,
    ),
  );
  const cosine = tf.mul(
    sign,
    polynomial(
      taylor(7, (k) => 2 * k),
      squared,
    ),
  );
  return [tf.mul(radius, sine), tf.mul(radius, cosine)];
}

/**
 * Standard normals [samples, length], in two halves along the last axis: one block of random bits gives element j of the first
 * half and element j of the second. They are not joined here, since XLA fuses what is done to each half into the generator.
 */
export function normalHalves(
  { key, step, stream, firstSample }: StreamPosition,
  samples: number,
  length: number,
): [tf.Tensor, tf.Tensor] {
  const [high, low] = tf.split(key, 2) as [tf.Tensor, tf.Tensor];
  const words = foldIn(foldIn([unsigned(high), unsigned(low)], unsigned(step)), unsigned(stream));
  const [k0, k1] = foldIn(words, add(iota(samples), unsigned(firstSample)));
  return boxMuller(...foldIn([column(k0), column(k1)], iota(Math.ceil(length / 2))));
}
