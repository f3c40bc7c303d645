/** What methods have in common that take gradients of a likelihood by draws from a family of distributions. */
import * as tf from '@tensorflow/tfjs';
import type { Likelihood } from '../distributions/likelihood';
import type { BuiltLayer, Noise, Parameter } from '../layers/layer';
import { noiseIn } from '../layers/noise';
import type { DataTerm, Others, Share } from '../objectives/objective';
import type { Drawn, Family, Use } from './families/family';
import type { Batch, Draws, Problem, Program } from './method';

/** What a model is made of, and what goes with it. */
export interface Parts {
  built: BuiltLayer;
  likelihood: Likelihood;
  /** All that is learned: the parameters of the model, then those of the likelihood. */
  parameters: readonly Parameter[];
  /** The noise that its layers draw. */
  noise: readonly Noise[];
}

/** The name of a likelihood's parameter among those of the model. */
export const ofLikelihood = (name: string): string => `likelihood.${name}`;

export function partsOf({ model, likelihood, inputShape, targetShape }: Problem): Parts {
  const built = model.build(inputShape);
  const own = likelihood.parameters.map(({ name, initial }): Parameter => ({
    name: ofLikelihood(name),
    shape: targetShape,
    bayesian: false,
    fanIn: 1,
    initial,
  }));
  return { built, likelihood, parameters: [...built.parameters, ...own], noise: noiseIn(built) };
}

type Learning = Pick<
  Program,
  | 'vectors'
  | 'variables'
  | 'draws'
  | 'streams'
  | 'samples'
  | 'statistics'
  | 'joins'
  | 'gradients'
  | 'gradientPieces'
  | 'checkInputs'
> &
  Answers;

/** What is asked of what was learned. */
type Answers = Pick<Program, 'drawnNumbers' | 'predict' | 'evaluate'>;

/** What a model says by draws of its parameters, [S or 1, B, ...outputShape], and those of the likelihood, [S or 1, 1, ...]. */
interface Said {
  outputs: tf.Tensor;
  parameters: tf.Tensor[];
}

function evaluated(
  family: Family,
  { built, likelihood }: Parts,
  at: readonly tf.Tensor[],
  drawn: Drawn,
  use: Use,
  x: tf.Tensor,
): Said {
  const draw = family.draw(at, drawn, use);
  return {
    outputs: built.apply(draw, tf.expandDims(x, 0)),
    parameters: likelihood.parameters.map(({ name }) => tf.expandDims(draw.value(ofLikelihood(name)), 1)),
  };
}

/** Answers by what draws say of x. */
export const answersBy = (
  likelihood: Likelihood,
  drawnNumbers: number,
  say: (learned: readonly tf.Tensor[], x: tf.Tensor, draws: Draws) => Said,
): Answers => ({
  drawnNumbers,
  predict(learned, x, draws) {
    const { outputs, parameters } = say(learned, x, draws);
    return likelihood.predict(outputs, parameters);
  },
  evaluate(learned, x, y, draws) {
    const { outputs, parameters } = say(learned, x, draws);
    const logLikelihood = tf.neg(likelihood.nll(outputs, y, parameters));
    return [...likelihood.predict(outputs, parameters), logLikelihood];
  },
});

/** The same by draws from a family. */
export const answers = (family: Family, parts: Parts): Answers =>
  answersBy(parts.likelihood, family.drawnNumbers, (learned, x, draws) => {
    const at = family.cut(learned, draws, 'prediction');
    const drawn = { ...draws, first: tf.scalar(0, 'int32'), samples: draws.keys.shape[1]! };
    return evaluated(family, parts, at, drawn, 'prediction', x);
  });

/**
 * All of a program but its update.
 * @param samples of a step
 * @param coupling what the divergence has that is not elementwise, if anything, with its weight; of the parts of the vectors
 */
export function learning(
  family: Family,
  parts: Parts,
  { statistics, joins, loss }: DataTerm,
  samples: number,
  coupling?: (parts: readonly tf.Tensor[], step: tf.Tensor) => tf.Tensor,
): Learning {
  const { vectors, variables, draws, streams } = family;
  const { built } = parts;

  const shareOf = (at: readonly tf.Tensor[], batch: Batch): Share => ({
    ...evaluated(family, parts, at, { ...batch, samples }, 'training', batch.x),
    y: batch.y,
    samples,
    size: batch.size,
  });

  /** The losses of a share of the data and samples, and their gradients. */
  const derive = (given: readonly tf.Tensor[], batch: Batch, others: Others | undefined) => {
    const cut = family.cut(given, batch, 'training');
    // each call adds its share of what couples the weights, by its part of the samples and data
    const share = (batch.keys.shape[1]! / samples) * (batch.x.shape[0] / batch.size);
    const coupled = coupling && ((list: readonly tf.Tensor[]) => tf.mul(coupling(list, batch.step), share));
    const ofParts = (...list: tf.Tensor[]): tf.Tensor => {
      const nll = loss(shareOf(list, batch), others);
      return coupled ? tf.add(nll, coupled(list)) : nll;
    };
    const { value, grads } = tf.valueAndGrads(ofParts)(cut);
    // joined calls find the same value, but each has the gradients by its own samples
    const own = (nll: tf.Tensor): tf.Tensor => (others ? tf.div(nll, others.calls) : nll);
    if (!coupled) return { losses: own(value), grads };
    const kl = coupled(cut);
    return { losses: tf.stack([own(tf.sub(value, kl)), kl]), grads };
  };

  return {
    vectors,
    variables,
    draws,
    streams,
    samples,
    ...(statistics && {
      statistics: (given, batch) => statistics(shareOf(family.cut(given, batch, 'training'), batch)),
      joins,
    }),
    gradients: (given, batch, others) => {
      const { losses, grads } = derive(given, batch, others);
      return [losses, ...family.join(grads, batch)];
    },
    ...(family.inOrder && {
      gradientPieces: (given, batch, others) => {
        const { losses, grads } = derive(given, batch, others);
        return [losses, ...family.inOrder!(grads, batch)];
      },
    }),
    ...(built.checkInputs && { checkInputs: (x) => built.checkInputs!(x) }),
    ...answers(family, parts),
  };
}
