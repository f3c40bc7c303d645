import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { CredenceError } from '../errors';
import { type Shape, sizeOf } from '../ndarray';
import { callable, count, positive, validate } from '../validate';
import type { Layer, Parameter } from './layer';
import { printed } from './printed';

/** An array of numbers that an own layer learns. */
export interface ParameterOptions {
  shape: Shape;
  /** Learn a distribution over it (true) or one value for each number (false). Default true. */
  bayesian?: boolean;
  /** Number of inputs that an output sums over. Default: the product of all lengths but the last; of a vector, its length. */
  fanIn?: number;
  /** Initial (mean) values: uniform in +-1/sqrt(fanIn), or one number. Default 'uniform'. */
  initial?: 'uniform' | number;
}

/** Options of `layers.functional`. */
export interface FunctionalOptions<Names extends string> {
  /** What the layer learns, by name; also as a function of the shape of one input. */
  parameters:
    | Readonly<Record<Names, ParameterOptions>>
    | ((inputShape: Shape) => Readonly<Record<Names, ParameterOptions>>);
  /**
   * The layer as a function of one sample: x [B, ...inputShape] and each parameter in its shape -> [B, ...outputShape], in plain tfjs. It
   * is called for each sample in turn. With `vectorized`, it is called once for all: x [S or 1, B, ...] and parameters [S or 1, ...shape]
   * -> [S or 1, B, ...outputShape].
   */
  apply: (x: tf.Tensor, parameters: Readonly<Record<Names, tf.Tensor>>) => tf.Tensor;
  /** Shape of one output, or a function of that of one input. */
  outputShape: Shape | ((inputShape: Shape) => Shape);
  /** `apply` takes all samples at once, which is faster. Default false. */
  vectorized?: boolean;
  /** Its name in paths and messages. Default 'functional'. */
  name?: string;
}

const nameRule = 'must be a name without dots';
const pathName = v.pipe(v.string(nameRule), v.regex(/^[^.]+$/, nameRule));
const shape = v.array(count(1), 'must be a shape, such as [3, 4]');
const initialRule = "must be 'uniform' or a number";
const parameterOptions = v.strictObject({
  shape,
  bayesian: v.optional(v.boolean(), true),
  fanIn: v.optional(positive()),
  initial: v.optional(
    v.union([v.literal('uniform'), v.pipe(v.number(), v.finite())], initialRule),
    'uniform',
  ),
});
const parametersRule = 'must name the parameters, as in { w: { shape: [3, 4] } }';
const parametersOption = v.record(v.string(), v.looseObject({}, parametersRule), parametersRule);
const shapeOption = v.union([shape, v.function()], 'must be a shape, or a function that gives one');
const options = v.strictObject({
  parameters: v.union([v.function(), parametersOption], parametersRule),
  apply: callable(),
  outputShape: shapeOption,
  vectorized: v.optional(v.boolean(), false),
  name: v.optional(pathName, 'functional'),
});

function declared(given: Readonly<Record<string, object>>): Parameter[] {
  return Object.entries(given).map(([key, each]) => {
    const name = validate(pathName, key, 'layers.functional: the name of a parameter');
    const { shape, fanIn, ...rest } = validate(
      parameterOptions,
      each,
      `layers.functional: parameter '${name}'`,
    );
    const inputs = shape.length > 1 ? shape.slice(0, -1) : shape;
    return { name, shape, fanIn: fanIn ?? sizeOf(inputs), ...rest };
  });
}

const isTensor = (value: unknown): value is tf.Tensor => value instanceof tf.Tensor;

/** The lengths that each axis may have. */
type Lengths = readonly (readonly number[])[];
const only = (shape: Shape): Lengths => shape.map((length) => [length]);
const format = (lengths: Lengths): string => `[${lengths.map((each) => each.join(' or ')).join(', ')}]`;

/** Refuses what `apply` gave unless it is a tensor of such a shape. */
function checked(result: unknown, wanted: Lengths, what: string): tf.Tensor {
  if (!isTensor(result)) {
    throw new CredenceError(
      'E_OPTION',
      `${what}: apply must return a tensor of shape ${format(wanted)}, and returned ${result instanceof Promise ? 'a promise: it must not be async' : typeof result}`,
    );
  }
  const fits =
    result.rank === wanted.length && wanted.every((lengths, axis) => lengths.includes(result.shape[axis]!));
  if (fits) return result;
  throw new CredenceError(
    'E_SHAPE',
    `${what}: apply must return a tensor of shape ${format(wanted)}, and returned ${format(only(result.shape))}: change it, or option 'outputShape'`,
  );
}

/**
 * An own layer, or a whole model: a plain function of tfjs tensors over declared parameters. It is traced, so it runs on every worker and
 * on any device, and must be made of tfjs operations alone: no reading of values, no randomness of JavaScript.
 *
 *     layers.functional({
 *       parameters: { amplitude: { shape: [1] }, frequency: { shape: [1], bayesian: false, initial: 3 } },
 *       apply: (x, { amplitude, frequency }) => amplitude.mul(tf.sin(x.mul(frequency))),
 *       outputShape: (inputShape) => inputShape,
 *     })
 * @throws CredenceError E_OPTION; when applied, E_SHAPE if `apply` gives something of another shape than it says
 */
export function functional<Names extends string>(given: FunctionalOptions<Names>): Layer {
  const { vectorized, name } = validate(options, given, 'layers.functional');
  const what = name === 'functional' ? 'layers.functional' : `layers.functional '${name}'`;
  return printed('functional', [given], {
    name,
    build(inputShape) {
      const wanted = typeof given.parameters === 'function' ? given.parameters(inputShape) : given.parameters;
      const parameters = declared(validate(parametersOption, wanted, `${what}: parameters`));
      const output =
        typeof given.outputShape === 'function' ? given.outputShape(inputShape) : given.outputShape;
      const outputShape = validate(shape, output, `${what}: outputShape`);
      const call = (x: tf.Tensor, values: readonly tf.Tensor[], wanted: Lengths): tf.Tensor => {
        const named = Object.fromEntries(parameters.map(({ name }, i) => [name, values[i]!]));
        return checked(given.apply(x, named as Record<Names, tf.Tensor>), wanted, what);
      };
      return {
        parameters,
        outputShape,
        apply(draw, x) {
          const values = parameters.map(({ name }) => draw.value(name));
          const batch = x.shape[1]!;
          const all = [x, ...values];
          const samples = Math.max(...all.map((tensor) => tensor.shape[0]));
          if (vectorized)
            return call(x, values, [samples === 1 ? [1] : [samples, 1], ...only([batch, ...outputShape])]);
          const bySample = all.map((tensor) => tf.unstack(tensor));
          const results = Array.from({ length: samples }, (_, s) => {
            const [x, ...values] = bySample.map((list) => list[list.length === 1 ? 0 : s]!);
            return call(x!, values, only([batch, ...outputShape]));
          });
          return tf.stack(results);
        },
      };
    },
  });
}
