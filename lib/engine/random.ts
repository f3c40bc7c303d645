/**
 * Random numbers inside compiled functions. They are counter-based (Threefry2x32-20, Salmon et al. 2011): the number at (key of a
 * sample, datum, element) is a pure function of these three, so results do not depend on how samples and data are spread over workers.
 * `lib/threefry.ts` gives the same bits in plain TypeScript.
 */
import * as tf from '@tensorflow/tfjs';
import type { CompiledFunction } from './native/functions';
import { typeAttribute } from './native/attributes';
import { compiles } from './tfjs/backend';
import { DataType } from './native/dtype';
import { normals } from './tfjs/fallback/normals';
import type { Node } from './native/graph';
import { jit } from './compile/jit';
import {
  asTensor,
  callNode,
  isTracing,
  operation,
  specOf,
  type TensorFunction,
  trace,
} from './compile/trace';

const { uint32, uint64, int32, float32 } = DataType;
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

const unsigned = (x: tf.Tensor): Node => bitcast(x, int32, uint32);

/** 0, 1, ..., length - 1 as uint32. */
const iota = (length: number): Node => {
  const range = [tf.scalar(0, 'int32'), tf.scalar(length, 'int32'), tf.scalar(1, 'int32')];
  return bitcast(operation('Range', [typeAttribute('Tidx', int32)], range), int32, uint32);
};

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

/** The normals of samples with these keys, [S, 2 * blocks]: each block of random bits gives two elements, here apart. */
function normalPairs(keys: tf.Tensor, blocks: Node): [tf.Tensor, tf.Tensor] {
  const [high, low] = tf.split(keys, 2, 1) as [tf.Tensor, tf.Tensor]; // [S, 1] each
  return boxMuller(...threefry([unsigned(high), unsigned(low)], [word(0), blocks]));
}

/** Every second element of [R, 2 * pairs], from the first and from the second on. */
function evenAndOdd(x: tf.Tensor): [tf.Tensor, tf.Tensor] {
  const [rows, length] = x.shape as [number, number];
  const columns = tf.split(tf.reshape(x, [rows, length / 2, 2]), 2, 2);
  return columns.map((column) => tf.reshape(column, [rows, length / 2])) as [tf.Tensor, tf.Tensor];
}

/** Two floats side by side in one word: storing both at once keeps XLA's loop free of strides and joins. */
function interleave(even: tf.Tensor, odd: tf.Tensor): Node {
  const wide = (x: tf.Tensor): Node => cast(bitcast(x, float32, uint32), uint32, uint64);
  const long = [typeAttribute('T', uint64)];
  const upper = operation('LeftShift', long, [wide(odd), cast(tf.scalar(32, 'int32'), int32, uint64)]);
  return operation('BitwiseOr', long, [wide(even), upper]);
}

/** A function of standard normals and of rows of numbers, elementwise. */
type OfNormals = (normals: tf.Tensor, ...rows: tf.Tensor[]) => tf.Tensor;

/** Which of the normals of a sample are meant: `each` for each of `data` data, from datum `first` (int32, []; else 0) on. */
export interface Places {
  data: number;
  each: number;
  first?: tf.Tensor;
}

/** Blocks of random bits that a datum takes. It begins at a new one: its numbers are the same wherever the data at hand begin. */
const blocksOf = ({ each }: Places): number => Math.ceil(each / 2);

/** Rows [R, data * from] as [R, data * to]: each datum's part is cut, or filled up with zeros, since half a block may be unused. */
function resize(rows: tf.Tensor, data: number, from: number, to: number): tf.Tensor {
  if (from === to) return rows;
  const count = rows.shape[0];
  const apart = tf.reshape(rows, [count, data, from]);
  const resized =
    to < from
      ? tf.slice(apart, [0, 0, 0], [count, data, to])
      : tf.pad(apart, [[0, 0], [0, 0], [0, to - from]]); // prettier-ignore
  return tf.reshape(resized, [count, data * to]);
}

/**
 * Makes a function of standard normals one fused loop with their generator: they are never stored.
 * The function returned takes keys of S samples [S, 2] (int32), places and rows [S or 1, data * each], and gives [S, data * each].
 * It has no gradient of its own.
 */
export function overNormals(
  f: OfNormals,
): (keys: tf.Tensor, places: Places, ...rows: tf.Tensor[]) => tf.Tensor {
  const plans = new Map<string, CompiledFunction>();
  const region = (keys: tf.Tensor, places: Places, rows: readonly tf.Tensor[]): Node => {
    const { data, each, first } = places;
    const args = [keys, ...(first ? [first] : []), ...rows];
    const name = JSON.stringify([data, each, args.map(specOf)]);
    let plan = plans.get(name);
    if (!plan) {
      const loop = (keys: tf.Tensor, ...rest: tf.Tensor[]): Node => {
        const [start, rows] = first ? [rest[0], rest.slice(1)] : [undefined, rest];
        const perDatum = blocksOf(places);
        const here = iota(data * perDatum);
        const blocks = start ? add(here, unsigned(tf.mul(start, tf.scalar(perDatum, 'int32')))) : here;
        const normals = normalPairs(keys, blocks);
        const parts = rows.map(evenAndOdd);
        const [even, odd] = normals.map((eps, i) => f(eps, ...parts.map((part) => part[i]!)));
        return interleave(even!, odd!);
      };
      plans.set(name, (plan = trace(loop, args.map(specOf), { xla: true })));
    }
    return callNode(plan, args);
  };
  const inGraph = (keys: tf.Tensor, places: Places, ...rows: tf.Tensor[]): tf.Tensor => {
    const { data, each } = places;
    const filled = 2 * blocksOf(places);
    const padded = rows.map((row) => resize(row, data, each, filled));
    const pieces = asTensor(bitcast(region(keys, places, padded), uint64, float32)); // [S, pairs, 2], not moved
    return resize(tf.reshape(pieces, [keys.shape[0], data * filled]), data, filled, each);
  };
  const eagerly = (keys: tf.Tensor, places: Places, ...rows: tf.Tensor[]): tf.Tensor => {
    const { data, each, first } = places;
    const blocks = blocksOf(places);
    const [start, length] = [(first?.dataSync()[0] ?? 0) * blocks, 2 * data * blocks];
    const numbers = tf.tensor(normals(keys.dataSync() as Int32Array, length, start), [keys.shape[0], length]);
    return f(resize(numbers, data, 2 * blocks, each), ...rows);
  };
  const alone = new Map<string, TensorFunction>(); // by places, for calls outside of a compiled function
  return (keys, places, ...rows) => {
    if (!compiles()) return eagerly(keys, places, ...rows);
    if (isTracing()) return inGraph(keys, places, ...rows);
    const { data, each, first = tf.scalar(0, 'int32') } = places;
    const name = `${data}, ${each}`;
    let compiled = alone.get(name);
    if (!compiled) {
      compiled = jit((keys, first, ...rows) => inGraph(keys, { data, each, first: first }, ...rows));
      alone.set(name, compiled);
    }
    return compiled(keys, first, ...rows) as tf.Tensor;
  };
}
