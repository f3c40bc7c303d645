import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { normal } from '../distributions/normal';
import type { Draw, Noise, Parameter } from '../layers/layer';
import { elbo } from '../objectives/elbo';
import { foldIn, keyOf, uniforms } from '../threefry';
import { count, nonNegative, positive, validate } from '../validate';
import type { Drawn, Family, Use } from './families/family';
import { learning, partsOf } from './learning';
import { MeanField } from './families/meanField';
import type { Method } from './method';
import { meanFieldUpdate } from './vi';

/** Options of `rank1`. */
export interface Rank1Options {
  /** Components of the mixture: sets of factors that start apart. Default 4. */
  components?: number;
  /** Samples drawn for each step, over all workers: sample number s is of component s modulo `components`. Default as many as components. */
  samples?: number;
  /** Standard deviation of the prior of the factors, around 1. Default 0.1. */
  priorStd?: number;
  /** Standard deviation of the factors at the start. Default 0.05. */
  initialStd?: number;
  /** Factor of the KL divergence; 1 is the evidence lower bound. Default 1. */
  klWeight?: number;
}

const options = v.strictObject({
  components: v.optional(count(1), 4),
  samples: v.optional(count(1)),
  priorStd: v.optional(positive(), 0.1),
  initialStd: v.optional(positive(), 0.05),
  klWeight: v.optional(nonNegative(), 1),
});

/** The factors of a kernel, for its inputs and its outputs. */
const factors = ['inputFactor', 'outputFactor'] as const;

/** Signs that are as often 1 as -1 for all components but the first, whose are 1: components that start alike would stay alike. */
function signs(components: number, size: number, place: number): Float32Array {
  const random = uniforms(foldIn(keyOf(place), components), components * size);
  return Float32Array.from(random, (u, i) => (i < size || u < 0.5 ? 1 : -1));
}

/** Kernels as values, with random factors. Whatever else was Bayesian is a value, too. */
function factored(parameters: readonly Parameter[], components: number): Parameter[] {
  return parameters.flatMap((parameter, place) => {
    const plain = { ...parameter, bayesian: false };
    if (!parameter.bayesian || parameter.shape.length < 2) return [plain];
    const own = factors.map((name, i): Parameter => {
      const size = parameter.shape.at(i - 2)!;
      return {
        name: `${parameter.name}.${name}`,
        shape: [components, size],
        bayesian: true,
        fanIn: 1,
        initial: signs(components, size, 2 * place + i),
      };
    });
    return [plain, ...own];
  });
}

/** A mean-field posterior of the factors, whose draws are draws of the kernels. */
class RankOne implements Family {
  readonly vectors;
  readonly variables;
  readonly streams;
  readonly draws;
  readonly drawnNumbers;
  readonly meanField: MeanField;
  private readonly kernels: ReadonlySet<string>;

  constructor(
    parameters: readonly Parameter[],
    noise: readonly Noise[],
    private readonly components: number,
    initialStd: number,
  ) {
    this.meanField = new MeanField(factored(parameters, components), initialStd, 'weights', noise);
    ({
      vectors: this.vectors,
      variables: this.variables,
      streams: this.streams,
      draws: this.draws,
      drawnNumbers: this.drawnNumbers,
    } = this.meanField);
    this.kernels = new Set(
      parameters.flatMap(({ name, bayesian, shape }) => (bayesian && shape.length >= 2 ? [name] : [])),
    );
  }

  cut(vectors: readonly tf.Tensor[]): tf.Tensor[] {
    return this.meanField.cut(vectors);
  }

  join(gradients: readonly tf.Tensor[]): tf.Tensor[] {
    return this.meanField.join(gradients);
  }

  inOrder(gradients: readonly tf.Tensor[]): tf.Tensor[] {
    return this.meanField.inOrder(gradients);
  }

  draw(parts: readonly tf.Tensor[], drawn: Drawn, use: Use): Draw {
    const { components, kernels } = this;
    const component = tf.mod(drawn.numbers, tf.scalar(components, 'int32'));
    const chosen = tf.expandDims(tf.oneHot(component, components), -1); // [S, components, 1]
    const around = (draw: Draw, path: string): Draw => {
      /** The factors of the component of each sample, [S, 1, ..., size], to be multiplied with something of this rank. */
      const factor = (name: string, which: (typeof factors)[number], rank: number): tf.Tensor => {
        const own = tf.sum(tf.mul(chosen, draw.value(`${name}.${which}`)), 1);
        return tf.reshape(own, [own.shape[0], ...new Array<number>(rank - 2).fill(1), own.shape[1]!]);
      };
      const value = (name: string): tf.Tensor => {
        const kernel = draw.value(name);
        if (!kernels.has(path + name)) return kernel;
        const input = factor(name, 'inputFactor', kernel.rank - 1);
        return tf.mul(tf.mul(kernel, tf.expandDims(input, -1)), factor(name, 'outputFactor', kernel.rank));
      };
      return {
        value,
        linear(op, x, name) {
          if (!kernels.has(path + name)) return draw.linear(op, x, name);
          const [inputs, outputs] = draw.value(name).shape.slice(-2);
          // a map of all inputs to all outputs: the factors scale these instead of the kernel
          if (x.shape.at(-1) !== inputs) return op(x, value(name));
          const y = op(tf.mul(x, factor(name, 'inputFactor', x.rank)), draw.value(name));
          if (y.shape.at(-1) !== outputs) return op(x, value(name));
          return tf.mul(y, factor(name, 'outputFactor', y.rank));
        },
        noise: (name, shape) => draw.noise(name, shape),
        moving: (name, statistic) => draw.moving(name, statistic),
        part: (name) => around(draw.part(name), `${path}${name}.`),
      };
    };
    return around(this.meanField.draw(parts, drawn, use), '');
  }
}

/**
 * Rank-1 Bayesian neural networks (Dusenberry et al., "Efficient and scalable Bayesian neural nets with rank-1 factors", 2020): each kernel
 * is one value W times factors of its inputs and outputs, W ∘ (r sᵀ), and only these are random: a mixture of a few mean-field normal
 * distributions around 1. A network costs little more memory than one without uncertainty, and components are as diverse as an ensemble.
 * @throws CredenceError E_OPTION
 */
export function rank1(given: Rank1Options = {}): Method {
  const settings = validate(options, given, 'rank1');
  const { components, priorStd, initialStd, klWeight, samples = components } = settings;
  return {
    name: `rank1 (${components} components, ${samples} samples, priorStd ${priorStd}, klWeight ${klWeight}, initialStd ${initialStd})`,
    build(problem) {
      const parts = partsOf(problem);
      const family = new RankOne(parts.parameters, parts.noise, components, initialStd);
      // each component is a posterior of its own, and one of them is drawn
      const weight = klWeight / components;
      return {
        ...learning(family, parts, elbo(problem.likelihood), samples),
        ...meanFieldUpdate(family.meanField, normal(1, priorStd), problem, weight),
      };
    },
  };
}
