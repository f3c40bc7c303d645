import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import type { Shape } from '../ndarray';
import { validate } from '../validate';
import { sequenceShape } from './attention';
import { parametersOf } from './chain';
import { looking, type Looking } from './crossAttention';
import type { BuiltPart, Layer } from './layer';
import { layerNorm } from './layerNorm';
import { perceptron } from './perceptron';
import { printed } from './printed';
import { residual } from './residual';
import { assertTargets, type TargetOptions, targetOptions, targetsOf } from './targets';
import { attentionOf, blockEntries, type BlockOptions, selfAttention } from './transformerBlocks';

/** Options of `layers.transformerDecoder`. */
export interface DecoderOptions extends BlockOptions, TargetOptions {
  /** Each target sees only itself and the targets before it. Default true. */
  causal?: boolean;
  /** Makes of the memory tokens what the blocks look at, tokens as well; `bayesian` is not for it. Default: these tokens themselves. */
  encoder?: Layer;
}

const options = v.strictObject({
  ...targetOptions,
  ...blockEntries,
  causal: v.optional(v.boolean(), true),
  encoder: v.optional(
    v.custom<Layer>((value) => typeof (value as Layer | undefined)?.build === 'function', 'must be a layer'),
  ),
});
type Settings = v.InferOutput<typeof options>;

/** x += attention(norm(x)); x += attention of norm(x) to the memory; x += perceptron(norm(x)) */
function block(
  settings: Settings,
  [shape, memoryShape]: readonly [Shape, Shape],
): Looking & { parts: BuiltPart[] } {
  const { mlp, activation, causal, bayesian } = settings;
  const head = attentionOf(settings);
  const self = selfAttention('self', { ...head, causal }).build(shape);
  const norm = layerNorm().build(shape);
  const cross = looking(head, [shape, memoryShape], 'layers.transformerDecoder');
  const hidden = residual(perceptron(mlp, activation, bayesian)).build(shape);
  const parts: BuiltPart[] = [
    { name: 'self', layer: self },
    { name: 'crossNorm', layer: norm },
    { name: 'cross', layer: cross },
    { name: 'mlp', layer: hidden },
  ];
  return {
    parameters: parametersOf(parts),
    outputShape: shape,
    parts,
    apply(draw, x, memory) {
      const y = self.apply(draw.part('self'), x);
      const looked = cross.apply(draw.part('cross'), norm.apply(draw.part('crossNorm'), y), memory);
      return hidden.apply(draw.part('mlp'), tf.add(y, looked));
    },
  };
}

/**
 * A transformer decoder (Vaswani et al. 2017) with layer norms before attentions and perceptron (Xiong et al. 2020) and one at the end.
 * Its targets are the last tokens of the input, which look at the first ones, [memory + T, D] -> [T, D]: with `encoder`, the whole
 * transformer; or they are learned, [T, D] -> [queries, D], as after `layers.transformerEncoder`: all steps of a forecast at once.
 * @throws CredenceError E_OPTION; when built, E_SHAPE if the input is no sequence, too short, or the heads do not divide its features
 */
export function transformerDecoder(given: DecoderOptions): Layer {
  const settings = validate(options, given, 'layers.transformerDecoder');
  assertTargets(settings, 'layers.transformerDecoder');
  return printed('transformerDecoder', [given], {
    name: 'transformerDecoder',
    build(inputShape) {
      const { targetShape, memoryShape, parameters, split } = targetsOf(
        settings,
        inputShape,
        'layers.transformerDecoder',
      );
      const encoder = settings.encoder?.build(memoryShape);
      const seen = sequenceShape(
        encoder?.outputShape ?? memoryShape,
        "layers.transformerDecoder with option 'encoder'",
      );
      const shapes = [targetShape, seen] as const;
      const blocks = Array.from({ length: settings.depth }, (_, i) => ({
        name: `${i}`,
        layer: block(settings, shapes),
      }));
      const norm = layerNorm().build(targetShape);
      const parts: BuiltPart[] = [
        ...(encoder ? [{ name: 'encoder', layer: encoder }] : []),
        ...blocks,
        { name: 'norm', layer: norm },
      ];
      return {
        parameters: [...parameters, ...parametersOf(parts)],
        outputShape: targetShape,
        parts,
        apply(draw, x) {
          const [targets, tokens] = split(draw, x);
          const memory = encoder ? encoder.apply(draw.part('encoder'), tokens) : tokens;
          const y = blocks.reduce((y, { name, layer }) => layer.apply(draw.part(name), y, memory), targets);
          return norm.apply(draw.part('norm'), y);
        },
      };
    },
  });
}
