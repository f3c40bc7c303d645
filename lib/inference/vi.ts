import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { normal } from '../distributions/normal';
import type { NormalParameters, Prior } from '../distributions/prior';
import { jit } from '../engine/jit';
import type { TensorFunction } from '../engine/trace';
import type { Draw, Parameter } from '../layers/layer';
import { sizeOf } from '../ndarray';
import { expectedNll } from '../objectives/elbo';
import type { Optimizer } from '../optimizers/transform';
import { streamKey } from '../streams';
import { foldIn, uniforms } from '../threefry';
import { count, nonNegative, positive, validate } from '../validate';
import { type EstimatorName, estimatorNames, estimators } from './estimators';
import type { Batch, Method, Problem, Program, Variable } from './method';
import { sampleNormal } from './sampling';

export interface ViOptions {
  /** Weight samples drawn for each step, over all workers. Default 8. */
  samples?: number;
  /** What is believed of each weight beforehand. Default `priors.normal(0, 1)`. */
  prior?: Prior;
  /**
   * How the gradient is estimated. 'local' (default): local reparameterisation, cheaper and of lower variance.
   * 'weights': plain weight sampling, as in the paper.
   */
  estimator?: EstimatorName;
  /** Factor of the KL divergence; 1 is the evidence lower bound, less is a 'cold' posterior. Default 1. */
  klWeight?: number;
  /** Standard deviation of the posterior at the start, times 1/sqrt(fan-in). Default 0.5. */
  initialStd?: number;
}

const options = v.strictObject({
  samples: v.optional(count(1), 8),
  prior: v.optional(
    v.custom<Prior>(
      (value) => typeof (value as Prior | undefined)?.kl === 'function',
      'must be a prior, such as priors.normal(0, 1)',
    ),
    () => normal(0, 1),
  ),
  estimator: v.optional(v.picklist(estimatorNames), 'local'),
  klWeight: v.optional(nonNegative(), 1),
  initialStd: v.optional(positive(), 0.5),
});

/** A parameter and where its variables are: [mean, logStd] if it is Bayesian, else [value]. */
interface Site {
  parameter: Parameter;
  first: number;
}

/** The starting values of a parameter's mean, keyed by seed and place so that no parameter's depend on another's. */
function initialMean(parameter: Parameter, place: number): Variable['initial'] {
  const size = sizeOf(parameter.shape);
  const { initial, fanIn } = parameter;
  if (typeof initial === 'number') return () => new Float32Array(size).fill(initial);
  const bound = 1 / Math.sqrt(fanIn);
  return (seed) =>
    Float32Array.from(
      uniforms(foldIn(streamKey(seed, 'initial weights'), place), size),
      (u) => bound * (2 * u - 1),
    );
}

/** The draws of all parameters for one step. */
function draws(
  sites: ReadonlyMap<string, Site>,
  variables: readonly tf.Tensor[],
  { position }: Pick<Batch, 'position'>,
  samples: number,
  estimator: EstimatorName,
  path = '',
): Draw {
  const find = (name: string): Site => sites.get(path + name)!;
  const posterior = ({ first }: Site): NormalParameters => ({
    mean: variables[first]!,
    logStd: variables[first + 1]!,
  });
  const at = ({ first }: Site) => ({ ...position, stream: tf.scalar(first, 'int32') });
  const draw: Draw = {
    value(name) {
      const site = find(name);
      return site.parameter.bayesian
        ? sampleNormal(posterior(site), samples, at(site))
        : tf.expandDims(variables[site.first]!, 0);
    },
    linear(op, x, name) {
      const site = find(name);
      if (!site.parameter.bayesian) return op(x, draw.value(name));
      return estimators[estimator](op, x, posterior(site), samples, at(site));
    },
    part: (name) => draws(sites, variables, { position }, samples, estimator, `${path}${name}.`),
  };
  return draw;
}

/** One fused update for all parameters of a shape: gradient of the KL divergence, optimiser, new values. */
function updaters(prior: Prior, optimizer: Optimizer, klScale: number) {
  const advance = (
    value: tf.Tensor,
    gradient: tf.Tensor,
    slots: readonly tf.Tensor[],
    step: tf.Tensor,
  ): tf.Tensor[] => {
    const { update, slots: kept } = optimizer.update(gradient, slots, step);
    return [tf.add(value, update), ...kept];
  };
  const plain = jit<TensorFunction>(
    (step, value, gradient, ...slots) => advance(value, gradient, slots, step),
    {
      xla: true,
    },
  );
  const bayesian = jit<TensorFunction>(
    (step, mean, logStd, meanGradient, logStdGradient, ...slots) => {
      const kl = (mean: tf.Tensor, logStd: tf.Tensor): tf.Tensor =>
        tf.mul(tf.sum(prior.kl({ mean, logStd })), klScale);
      const { value, grads } = tf.valueAndGrads(kl)([mean, logStd]);
      const half = optimizer.slots;
      return [
        value,
        ...advance(mean, tf.add(meanGradient, grads[0]!), slots.slice(0, half), step),
        ...advance(logStd, tf.add(logStdGradient, grads[1]!), slots.slice(half), step),
      ];
    },
    { xla: true },
  );
  return { plain, bayesian };
}

function build(
  { samples: wanted, prior, estimator, klWeight, initialStd }: Required<ViOptions>,
  { model, likelihood, optimizer, inputShape, targetShape, size }: Problem,
): Program {
  const built = model.build(inputShape);
  const sites = new Map<string, Site>();
  const variables: Variable[] = [];
  for (const parameter of built.parameters) {
    const { name, shape, bayesian, fanIn } = parameter;
    sites.set(name, { parameter, first: variables.length });
    variables.push({
      name: bayesian ? `${name}.mean` : name,
      shape,
      initial: initialMean(parameter, variables.length),
    });
    if (!bayesian) continue;
    const logStd = Math.log(initialStd / Math.sqrt(fanIn));
    variables.push({
      name: `${name}.logStd`,
      shape,
      initial: () => new Float32Array(sizeOf(shape)).fill(logStd),
    });
  }
  const noiseFrom = variables.length;
  for (const { name, initial } of likelihood.parameters) {
    const length = sizeOf(targetShape);
    variables.push({
      name: `likelihood.${name}`,
      shape: targetShape,
      initial: () => new Float32Array(length).fill(initial),
    });
  }
  const stochastic = built.parameters.some(({ bayesian }) => bayesian);
  const samples = stochastic ? wanted : 1;
  const { slots } = optimizer;
  const step = updaters(prior, optimizer, klWeight / size);

  return {
    variables,
    stochastic,
    samples,
    slots,
    gradients(values, { x, y, position }, local) {
      const loss = (...values: tf.Tensor[]): tf.Scalar => {
        const draw = draws(sites, values, { position }, local, estimator);
        const outputs = built.apply(draw, tf.expandDims(x, 0));
        return expectedNll(likelihood, outputs, y, values.slice(noiseFrom), samples);
      };
      const { value, grads } = tf.valueAndGrads(loss)([...values]);
      return [value, ...grads];
    },
    update(gradients, values, state, count) {
      const stateOf = (i: number, variables: number): tf.Tensor[] =>
        state.slice(i * slots, (i + variables) * slots);
      const divergences: tf.Tensor[] = [tf.scalar(0)];
      const next: tf.Tensor[] = [];
      const kept: tf.Tensor[] = [];
      const bayesian = new Set(
        [...sites.values()].filter(({ parameter }) => parameter.bayesian).map(({ first }) => first),
      );
      for (let i = 0; i < values.length;) {
        if (bayesian.has(i)) {
          const args = [
            count,
            values[i]!,
            values[i + 1]!,
            gradients[i]!,
            gradients[i + 1]!,
            ...stateOf(i, 2),
          ];
          const [kl, ...rest] = step.bayesian(...args) as tf.Tensor[];
          divergences.push(kl!);
          next.push(rest[0]!, rest[1 + slots]!);
          kept.push(...rest.slice(1, 1 + slots), ...rest.slice(2 + slots));
          i += 2;
        } else {
          const [value, ...rest] = step.plain(
            count,
            values[i]!,
            gradients[i]!,
            ...stateOf(i, 1),
          ) as tf.Tensor[];
          next.push(value!);
          kept.push(...rest);
          i += 1;
        }
      }
      return [tf.addN(divergences), ...next, ...kept];
    },
    predict(values, x, position, local) {
      const draw = draws(sites, values, { position }, local, 'weights');
      const outputs = built.apply(draw, tf.expandDims(x, 0));
      return likelihood.predict(outputs, values.slice(noiseFrom));
    },
  };
}

/**
 * Mean-field variational inference (Graves 2011; Blundell et al. 2015): each weight gets a normal distribution, fitted by minimising
 * the negative evidence lower bound per datum, E_q[-log p(y | x, w)] + klWeight KL(q || prior) / N.
 */
export function vi(given: ViOptions = {}): Method {
  const settings = validate(options, given, 'vi');
  return {
    name: `vi (${settings.samples} samples, ${settings.estimator})`,
    build: (problem) => build(settings, problem),
  };
}
