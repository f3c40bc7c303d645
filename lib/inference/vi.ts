import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { divergence } from '../distributions/divergence';
import { normal } from '../distributions/normal';
import type { Prior } from '../distributions/prior';
import { fuse } from '../engine/compile/fuse';
import type { TensorFunction } from '../engine/compile/trace';
import type { Parameter } from '../layers/layer';
import { noiseIn } from '../layers/noise';
import { type ObjectiveName, objectiveNames, objectives } from '../objectives';
import type { Share } from '../objectives/objective';
import type { Optimizer } from '../optimizers/transform';
import { count, positive, validate } from '../validate';
import { type EstimatorName, estimatorNames } from './estimators';
import { MeanField, type Pieces } from './meanField';
import { klWeightAt, klWeightName, klWeightSchema, type KlWeight } from './klWeight';
import type { Batch, Method, Others, Problem, Program } from './method';

export interface ViOptions {
  /** Weight samples drawn for each step, over all workers. Default 8. */
  samples?: number;
  /** What is believed of each weight beforehand. Default `priors.normal(0, 1)`. */
  prior?: Prior;
  /**
   * The data term of the loss. 'elbo' (default): mean_s -log p(y | w_s), the evidence lower bound. 'predictive': -log of the predictive
   * distribution of all samples together, mean_s softmax(logits_s) or the normal distribution fitted to the samples, the same for any number
   * of workers. 'predictivePerWorker': that of each worker's samples alone, averaged, as in the paper; it depends on the number of workers.
   */
  objective?: ObjectiveName;
  /**
   * How the gradient is estimated. 'weights': plain weight sampling, as in the paper. 'local': local reparameterisation, of much lower
   * variance, and cheaper in dense layers. 'auto' (default): 'local' in dense layers of feature vectors, 'weights' in convolutions and
   * for tokens. 'flipout': random signs make the noise differ between data; less variance than 'weights' for about twice its cost.
   */
  estimator?: EstimatorName;
  /**
   * Factor of the KL divergence; 1 is the evidence lower bound, less is a 'cold' posterior (torch_blue calls it heat), 0 no prior at all.
   * `{ from, to, steps }` goes evenly from one to the other in the first steps: a warm-up. Default 1.
   */
  klWeight?: KlWeight;
  /** Standard deviation of the posterior at the start, times 1/sqrt(fan-in). Default 0.5. */
  initialStd?: number;
}

const options = v.strictObject({
  samples: v.optional(count(1), 8),
  prior: v.optional(
    v.custom<Prior>((value) => {
      const { name, logProb } = (value ?? {}) as Partial<Prior>;
      return typeof name === 'string' && typeof logProb === 'function';
    }, 'must be a prior, such as priors.normal(0, 1)'),
    () => normal(0, 1),
  ),
  objective: v.optional(v.picklist(objectiveNames), 'elbo'),
  estimator: v.optional(v.picklist(estimatorNames), 'auto'),
  klWeight: v.optional(klWeightSchema, 1),
  initialStd: v.optional(positive(), 0.5),
});

/** One fused update for all vectors of a kind: gradient of the KL divergence, optimiser, new values. */
function updaters(prior: Prior, optimizer: Optimizer, klWeight: KlWeight, size: number) {
  const advance = (
    value: tf.Tensor,
    gradient: tf.Tensor,
    slots: readonly tf.Tensor[],
    step: tf.Tensor,
  ): tf.Tensor[] => {
    const { update, slots: kept } = optimizer.update(gradient, slots, step);
    return [tf.add(value, update), ...kept];
  };
  const plain = fuse<TensorFunction>((step, value, gradient, ...slots) =>
    advance(value, gradient, slots, step),
  );
  const bayesian = fuse<TensorFunction>((step, mean, logStd, meanGradient, logStdGradient, ...slots) => {
    const kl = (mean: tf.Tensor, logStd: tf.Tensor): tf.Tensor =>
      tf.mul(tf.sum(divergence(prior, { mean, logStd }, step)), tf.div(klWeightAt(klWeight, step), size));
    const { value, grads } = tf.valueAndGrads(kl)([mean, logStd]);
    const half = optimizer.slots;
    return [
      value,
      ...advance(mean, tf.add(meanGradient, grads[0]!), slots.slice(0, half), step),
      ...advance(logStd, tf.add(logStdGradient, grads[1]!), slots.slice(half), step),
    ];
  });
  return { plain, bayesian };
}

function build(
  { samples, prior, objective, estimator, klWeight, initialStd }: Required<ViOptions>,
  { model, likelihood, optimizer, inputShape, targetShape, size }: Problem,
): Program {
  const built = model.build(inputShape);
  const noise = likelihood.parameters.map(({ name, initial }): Parameter => ({
    name: `likelihood.${name}`,
    shape: targetShape,
    bayesian: false,
    fanIn: 1,
    initial,
  }));
  const drawn = noiseIn(built);
  const family = new MeanField([...built.parameters, ...noise], initialStd, estimator, drawn);
  const { vectors, variables, streams } = family;
  const wanted = family.stochastic || drawn.length > 0 ? samples : 1;
  const { statistics, joins, loss } = objectives[objective](likelihood);
  const { slots } = optimizer;
  const advance = updaters(prior, optimizer, klWeight, size);
  const noiseOf = ({ values }: Pieces): readonly tf.Tensor[] => values.slice(values.length - noise.length);

  const shareOf = (at: Pieces, { x, y, keys, first, size }: Batch): Share => {
    const outputs = built.apply(family.draw(at, { keys, first }), tf.expandDims(x, 0));
    return { outputs, y, parameters: noiseOf(at), samples: wanted, size };
  };

  /** The loss of a share of the data and samples, and its gradients. */
  const derive = (given: readonly tf.Tensor[], batch: Batch, others: Others | undefined) => {
    const { means, logStds, values } = family.cut(given);
    const pieces = (list: readonly tf.Tensor[]): Pieces => ({
      means: list.slice(0, means.length),
      logStds: list.slice(means.length, 2 * means.length),
      values: list.slice(2 * means.length),
    });
    const ofPieces = (...list: tf.Tensor[]): tf.Scalar => loss(shareOf(pieces(list), batch), others);
    const { value, grads } = tf.valueAndGrads(ofPieces)([...means, ...logStds, ...values]);
    // joined calls find the same value, but each has the gradients by its own samples
    return { value: others ? tf.div(value, others.calls) : value, pieces: pieces(grads) };
  };

  return {
    vectors,
    variables,
    stochastic: family.stochastic || drawn.some(({ always }) => always),
    samples: wanted,
    streams,
    slots,
    ...(statistics && { statistics: (given, batch) => statistics(shareOf(family.cut(given), batch)), joins }),
    gradients: (given, batch, others) => {
      const { value, pieces } = derive(given, batch, others);
      return [value, ...family.join(pieces)];
    },
    gradientPieces: (given, batch, others) => {
      const { value, pieces } = derive(given, batch, others);
      return [value, ...family.inOrder(pieces)];
    },
    update(gradients, given, state, count) {
      const [next, kept]: [tf.Tensor[], tf.Tensor[]] = [[], []];
      const keep = ([vector, ...ofVector]: tf.Tensor[]): void => {
        next.push(vector!);
        kept.push(...ofVector);
      };
      let kl: tf.Tensor = tf.scalar(0);
      if (family.stochastic) {
        const normals = [...given.slice(0, 2), ...gradients.slice(0, 2), ...state.slice(0, 2 * slots)];
        const [value, ...rest] = advance.bayesian(count, ...normals) as [tf.Tensor, ...tf.Tensor[]];
        kl = value;
        keep(rest.slice(0, 1 + slots));
        keep(rest.slice(1 + slots));
      }
      for (let i = next.length; i < given.length; i++) {
        const own = state.slice(i * slots, (i + 1) * slots);
        keep([advance.plain(count, given[i]!, gradients[i]!, ...own)].flat());
      }
      return [kl, ...next, ...kept];
    },
    predict(given, x, keys) {
      const pieces = family.cut(given);
      const outputs = built.apply(
        family.draw(pieces, { keys, first: tf.scalar(0, 'int32') }, 'prediction'),
        tf.expandDims(x, 0),
      );
      return likelihood.predict(outputs, noiseOf(pieces));
    },
  };
}

/**
 * Mean-field variational inference (Graves 2011; Blundell et al. 2015): each weight gets a normal distribution, fitted by minimising
 * the negative evidence lower bound per datum, E_q[-log p(y | x, w)] + klWeight KL(q || prior) / N, or with another data term.
 */
export function vi(given: ViOptions = {}): Method {
  const settings = validate(options, given, 'vi');
  const { samples, objective, estimator, prior, klWeight, initialStd } = settings;
  return {
    name: `vi (${samples} samples, ${objective}, ${estimator}, prior ${prior.name}, klWeight ${klWeightName(klWeight)}, initialStd ${initialStd})`,
    build: (problem) => build(settings, problem),
  };
}
