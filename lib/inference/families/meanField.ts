/** A normal posterior for each Bayesian parameter of a model, elementwise independent: where its numbers lie, and draws of it. */
import * as tf from '@tensorflow/tfjs';
import { posteriors } from '../../distributions/posteriors';
import type { NormalParameters, Prior } from '../../distributions/prior';
import type { Draw, Noise, Parameter } from '../../layers/layer';
import { sizeOf } from '../../ndarray';
import { streamKey } from '../../streams';
import { foldIn, normals } from '../../threefry';
import { type EstimatorName, estimators } from './estimators';
import type { Drawn, Family, Use } from './family';
import { type Form, formOf, type FormParameters } from './forms';
import { initialValues } from './initialValues';
import type { Variable, Vector } from '../method';
import { movingBy } from './moving';
import { keysOf, noiseBy } from './noise';
import { byRole, isMoving, lengthOf, type Segment, segmentsOf, vectorOf } from './segments';

/** Parameters of at most so many elements are drawn together: a fused loop costs more to start than to copy them out of it. */
const SMALL = 16384;

/** TensorFlow takes a slice without copying it where it begins and ends at a multiple of this. */
const ALIGNED = 16;

/** Where a Bayesian parameter is found. */
interface Site {
  parameter: Parameter;
  /** Index of its piece, and its place there. */
  piece: number;
  place: number;
  /** Its number among the Bayesian parameters. */
  index: number;
}

/** The parts of the vectors, by what they are. */
interface Pieces {
  factors: readonly (readonly tf.Tensor[])[];
  means: readonly tf.Tensor[];
  logStds: readonly tf.Tensor[];
  /** Values of the parameters that are not Bayesian. */
  values: readonly tf.Tensor[];
}

/**
 * The Bayesian parameters in pieces that are drawn by one fused loop each: every large one, aligned ones first so that slices of them
 * are not copied; all small kernels; all small biases, apart from the kernels, whose draws some estimators have no need of.
 */
function piecesOf(parameters: readonly Parameter[]): (readonly Parameter[])[] {
  const size = ({ shape }: Parameter): number => sizeOf(shape);
  const large = parameters.filter((parameter) => size(parameter) > SMALL);
  const small = parameters.filter((parameter) => size(parameter) <= SMALL);
  const isAligned = (parameter: Parameter): boolean => size(parameter) % ALIGNED === 0;
  const isKernel = ({ shape }: Parameter): boolean => shape.length > 1;
  return [
    ...large.filter(isAligned).map((parameter) => [parameter]),
    ...large.filter((parameter) => !isAligned(parameter)).map((parameter) => [parameter]),
    small.filter(isKernel),
    small.filter((parameter) => !isKernel(parameter)),
  ].filter((piece) => piece.length > 0);
}

const vector = (
  segments: readonly Segment[],
  initial: (seed: number) => (segment: Segment) => Float32Array | number,
): Vector => ({ length: lengthOf(segments), initial: (seed) => vectorOf(segments, initial(seed)) });

const flat = (x: tf.Tensor): tf.Tensor => tf.reshape(x, [x.size]);

/** Each value is made when it is first asked for. */
function lazily<T>(make: (index: number) => T): (index: number) => T {
  const made = new Map<number, T>();
  return (index) => {
    let value = made.get(index);
    if (value === undefined) made.set(index, (value = make(index)));
    return value;
  };
}

/** The factors of a posterior start at so much of the standard deviation: at 0 nothing would move them. */
const START = 0.1;

export class MeanField implements Family {
  /** Means, logarithms of the standard deviations, factors, plain values, and moving ones; an empty one is left out. */
  readonly vectors: readonly Vector[];
  readonly variables: readonly Variable[];
  /** Whether some parameter is Bayesian. */
  readonly bayesian: boolean;
  readonly draws: number;
  readonly drawnNumbers: number;
  /** Tensors of noise: those of the form for each piece and for all, those of the estimator for each parameter, then those of layers. */
  readonly streams: number;
  /** Those of the form. */
  private readonly ownStreams: number;
  private readonly pieces: readonly (readonly Segment[])[];
  private readonly sites: ReadonlyMap<string, Site>;
  /** Those of each vector of values. */
  private readonly plain: readonly (readonly Segment[])[];

  /**
   * @param initialStd of a parameter, times 1/sqrt(fan-in); or by its fan-in
   * @param noise that layers draw
   */
  constructor(
    parameters: readonly Parameter[],
    initialStd: number | ((fanIn: number) => number),
    private readonly estimator: EstimatorName,
    private readonly noise: readonly Noise[] = [],
    readonly form: Form = formOf(posteriors.normal()),
  ) {
    const pieces = piecesOf(parameters.filter(({ bayesian }) => bayesian));
    const learned = segmentsOf(pieces.flat());
    this.pieces = pieces.map((piece) => segmentsOf(piece));
    this.drawnNumbers = lengthOf(learned) * form.streams;
    const plain = byRole(parameters.filter(({ bayesian }) => !bayesian));
    this.plain = plain.map((list) => segmentsOf(list));
    this.bayesian = pieces.length > 0;
    this.draws = this.bayesian || noise.some(({ always }) => always) ? Infinity : 1;

    const places = new Map(parameters.map((parameter, place) => [parameter.name, { parameter, place }]));
    const start =
      (seed: number) =>
      ({ name }: Segment): Float32Array | number => {
        const { parameter, place } = places.get(name)!;
        return initialValues(parameter, place, seed);
      };
    const logStd = ({ name }: Segment): number => {
      const { fanIn } = places.get(name)!.parameter;
      return Math.log(typeof initialStd === 'number' ? initialStd / Math.sqrt(fanIn) : initialStd(fanIn));
    };
    const factors = Array.from({ length: form.rank }, (_, i) =>
      vector(learned, (seed) => (segment) => {
        const [{ place }, std] = [places.get(segment.name)!, Math.exp(logStd(segment))];
        const key = foldIn(foldIn(streamKey(seed, 'initial factors'), place), i);
        return Float32Array.from(normals(key, segment.size), (value) => START * std * value);
      }),
    );
    this.vectors = [
      ...(this.bayesian ? [vector(learned, start), vector(learned, () => logStd), ...factors] : []),
      ...this.plain.map((list, i) => ({ ...vector(list, start), isMoving: isMoving(plain[i]!) })),
    ];

    this.sites = new Map(
      pieces
        .flatMap((piece, i) => piece.map((parameter, place) => ({ parameter, piece: i, place })))
        .map((site, index) => [site.parameter.name, { ...site, index }]),
    );
    this.ownStreams = pieces.length * form.streams + form.shared;
    this.streams = this.ownStreams + this.sites.size * estimators[estimator].streams + noise.length;

    const lying = new Map(
      [learned, ...this.plain].flatMap((list, i) =>
        list.map((each) => [each.name, { ...each, vector: this.bayesianVectors + i - 1 }] as const),
      ),
    );
    this.variables = parameters.flatMap(({ name, bayesian }) => {
      const { shape, offset, vector } = lying.get(name)!;
      if (!bayesian) return [{ name, shape, vector, offset }];
      const parts = ['mean', 'logStd', ...factors.map((_, i) => `factor.${i}`)];
      return parts.map((part, i) => ({ name: `${name}.${part}`, shape, vector: i, offset }));
    });
  }

  /** How many of the vectors are about Bayesian parameters: the first ones. */
  get bayesianVectors(): number {
    return this.bayesian ? 2 + this.form.rank : 0;
  }

  cut(vectors: readonly tf.Tensor[]): tf.Tensor[] {
    const slices = (vector: tf.Tensor): tf.Tensor[] => {
      let next = 0;
      return this.pieces.map(lengthOf).map((length) => tf.slice(vector, (next += length) - length, length));
    };
    const values = this.plain.flatMap((list, i) => {
      const sizes = list.map(({ size }) => size);
      const parts = tf.split(vectors[this.bayesianVectors + i]!, sizes);
      return parts.map((part, j) => tf.reshape(part, [...list[j]!.shape]));
    });
    return [...vectors.slice(0, this.bayesianVectors).flatMap(slices), ...values];
  }

  join(gradients: readonly tf.Tensor[]): tf.Tensor[] {
    const { means, logStds, factors, values } = this.sorted(gradients);
    let next = 0;
    const plain = this.plain.map(({ length }) => values.slice(next, (next += length)));
    return [means, logStds, ...factors, ...plain]
      .filter((parts) => parts.length > 0)
      .map((parts) => (parts.length === 1 ? flat(parts[0]!) : tf.concat(parts.map(flat))));
  }

  inOrder(gradients: readonly tf.Tensor[]): tf.Tensor[] {
    return gradients.map(flat);
  }

  private sorted(parts: readonly tf.Tensor[]): Pieces {
    const { length } = this.pieces;
    const ofVector = (vector: number): readonly tf.Tensor[] =>
      parts.slice(vector * length, (vector + 1) * length);
    const { rank } = this.form;
    return {
      means: ofVector(0),
      logStds: ofVector(1),
      factors: Array.from({ length: rank }, (_, i) => ofVector(2 + i)),
      values: parts.slice((2 + rank) * length),
    };
  }

  private piecesOf({ means, logStds, factors }: Pieces): FormParameters[] {
    return means.map((mean, i) => ({ mean, logStd: logStds[i]!, factors: factors.map((all) => all[i]!) }));
  }

  /** See `Form.coupling`. */
  coupling(parts: readonly tf.Tensor[]): tf.Tensor {
    return this.form.coupling!(this.piecesOf(this.sorted(parts)));
  }

  /** The divergence from priors that differ between parameters. */
  divergence(
    parts: readonly tf.Tensor[],
    priorOf: (parameter: Parameter) => Prior,
    step: tf.Tensor,
  ): tf.Tensor {
    const terms = this.piecesOf(this.sorted(parts)).flatMap(({ mean, logStd, factors }, i) => {
      const own = this.pieces[i]!;
      const split = (x: tf.Tensor): tf.Tensor[] =>
        tf.split(
          x,
          own.map(({ size }) => size),
        );
      const [means, logStds, ofFactors] = [split(mean), split(logStd), factors.map(split)];
      return own.map(({ name }, j) => {
        const prior = priorOf(this.sites.get(name)!.parameter);
        const of = { mean: means[j]!, logStd: logStds[j]!, factors: ofFactors.map((all) => all[j]!) };
        return tf.sum(this.form.divergence(prior, of, step));
      });
    });
    return tf.addN(terms);
  }

  draw(parts: readonly tf.Tensor[], drawn: Omit<Drawn, 'numbers'>, use: Use): Draw {
    const { keys, first } = drawn;
    const pieces = this.sorted(parts);
    const estimate = estimators[use === 'prediction' ? 'weights' : this.estimator];
    const noise = noiseBy(this.noise, this.streams - this.noise.length, { keys, first }, use);
    const samples = keys.shape[1]!;
    const split = (whole: tf.Tensor, piece: number, axis: number): tf.Tensor[] => {
      const sizes = this.pieces[piece]!.map(({ size }) => size);
      return sizes.length === 1 ? [whole] : tf.split(whole, sizes, axis);
    };
    const { form } = this;
    const parameters = this.piecesOf(pieces);
    const shared = Array.from({ length: form.shared }, (_, i) =>
      keysOf(keys, this.ownStreams - form.shared + i),
    );
    const draws = lazily((piece) => {
      const own = Array.from({ length: form.streams }, (_, i) => keysOf(keys, piece * form.streams + i));
      return split(form.draw(parameters[piece]!, [...own, ...shared]), piece, 1);
    });
    const means = lazily((piece) => split(pieces.means[piece]!, piece, 0));
    const logStds = lazily((piece) => split(pieces.logStds[piece]!, piece, 0));
    const posterior = ({ piece, place, parameter: { shape } }: Site): NormalParameters => ({
      mean: tf.reshape(means(piece)[place]!, [...shape]),
      logStd: tf.reshape(logStds(piece)[place]!, [...shape]),
    });
    const plain = new Map(this.plain.flat().map(({ name }, i) => [name, i]));

    const at = (path: string): Draw => {
      const value = (name: string): tf.Tensor => {
        const site = this.sites.get(path + name);
        if (!site) return tf.expandDims(pieces.values[plain.get(path + name)!]!, 0);
        return tf.reshape(draws(site.piece)[site.place]!, [samples, ...site.parameter.shape]);
      };
      return {
        value,
        linear: (op, x, name) => {
          const site = this.sites.get(path + name);
          if (!site || estimate.streams === 0) return op(x, value(name));
          const stream = this.ownStreams + site.index * estimate.streams;
          const own = Array.from({ length: estimate.streams }, (_, i) => keysOf(keys, stream + i));
          return estimate.linear(op, x, posterior(site), own, first) ?? op(x, value(name));
        },
        noise: (name, shape) => noise(path + name, shape),
        moving: movingBy(value, drawn, use),
        part: (name) => at(`${path}${name}.`),
      };
    };
    return at('');
  }
}
