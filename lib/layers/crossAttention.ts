import type * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import type { Shape } from '../ndarray';
import { validate } from '../validate';
import { attend, headLength, headOptions, joinHeads, splitHeads } from './attention';
import { parametersOf } from './chain';
import { dense } from './dense';
import type { Draw, Layer, Parameter } from './layer';
import { printed } from './printed';
import { assertTargets, type TargetOptions, targetOptions, targetsOf } from './targets';

/** Options of `layers.crossAttention`. */
export interface CrossAttentionOptions extends TargetOptions {
  /** Number of heads. */
  heads: number;
  /** Length of the queries, keys and values of one head. Default: features / heads. */
  headDim?: number;
  /** Learn a distribution over the weights (true) or one value for each (false). Default true. */
  bayesian?: boolean;
  /** Add learned biases to the projections. Default true. */
  bias?: boolean;
}

const options = v.strictObject({
  ...targetOptions,
  ...headOptions,
  bayesian: v.optional(v.boolean(), true),
  bias: v.optional(v.boolean(), true),
});

/** A layer of two inputs, in a shape that is known. */
export interface Looking {
  parameters: Parameter[];
  outputShape: Shape;
  /** x [S or 1, B, T, D] that looks at memory [S or 1, B, U, D] -> [S or 1, B, T, D] */
  apply(draw: Draw, x: tf.Tensor, memory: tf.Tensor): tf.Tensor;
}

/** Attention of tokens to a memory. @throws CredenceError E_SHAPE */
export function looking(
  {
    bayesian,
    bias,
    ...head
  }: { heads: number; headDim?: number | undefined; bayesian: boolean; bias: boolean },
  [shape, memoryShape]: readonly [Shape, Shape],
  layer: string,
): Looking {
  const { heads } = head;
  const [tokens, features] = shape as [number, number];
  const inner = heads * headLength(head, features, layer);
  const query = dense({ units: inner, bayesian, bias }).build(shape);
  const keyValue = dense({ units: 2 * inner, bayesian, bias }).build(memoryShape);
  const output = dense({ units: features, bayesian, bias }).build([tokens, inner]);
  return {
    parameters: parametersOf([
      { name: 'query', layer: query },
      { name: 'keyValue', layer: keyValue },
      { name: 'output', layer: output },
    ]),
    outputShape: shape,
    apply(draw, x, memory) {
      const [q] = splitHeads(query.apply(draw.part('query'), x), 1, heads) as [tf.Tensor];
      const joined = keyValue.apply(draw.part('keyValue'), memory);
      const [k, v] = splitHeads(joined, 2, heads) as [tf.Tensor, tf.Tensor];
      return output.apply(draw.part('output'), joinHeads(attend(q, k, v), heads));
    },
  };
}

/**
 * Multi-head attention of some tokens to others (Vaswani et al. 2017): the last tokens of a sequence look at its first ones, [memory + T, D]
 * -> [T, D]; or learned ones look at all, [T, D] -> [queries, D], which makes any number of tokens of any other (Lee et al. 2019).
 * Parameters: 'query.kernel' [D, heads headDim], 'keyValue.kernel' [D, 2 heads headDim], 'output.kernel' [heads headDim, D], 'queries'.
 * @throws CredenceError E_OPTION; when built, E_SHAPE if the input is no sequence, too short, or the heads do not divide its features
 */
export function crossAttention(given: CrossAttentionOptions): Layer {
  const settings = validate(options, given, 'layers.crossAttention');
  assertTargets(settings, 'layers.crossAttention');
  return printed('crossAttention', [given], {
    name: 'crossAttention',
    build(inputShape) {
      const { targetShape, memoryShape, parameters, split } = targetsOf(
        settings,
        inputShape,
        'layers.crossAttention',
      );
      const look = looking(settings, [targetShape, memoryShape], 'layers.crossAttention');
      return {
        ...look,
        parameters: [...parameters, ...look.parameters],
        apply: (draw, x) => look.apply(draw, ...split(draw, x)),
      };
    },
  });
}
