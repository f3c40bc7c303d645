/** A normal posterior for each Bayesian parameter of a model, elementwise independent: where its numbers lie, and draws of it. */
import * as tf from '@tensorflow/tfjs';
import type { NormalParameters } from '../distributions/prior';
import type { Draw, Noise, Parameter } from '../layers/layer';
import { sizeOf } from '../ndarray';
import { streamKey } from '../streams';
import { foldIn, uniforms } from '../threefry';
import { type EstimatorName, estimators } from './estimators';
import type { Batch, Variable, Vector } from './method';
import { sampleNormal, standardNormals } from './sampling';
import { lengthOf, type Segment, segmentsOf, vectorOf } from './segments';

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

/** The tensors of a model's parameters: those that gradients are taken for. */
export interface Pieces {
  means: readonly tf.Tensor[];
  logStds: readonly tf.Tensor[];
  /** Values of the parameters that are not Bayesian. */
  values: readonly tf.Tensor[];
}

/** The starting values of a parameter, keyed by seed and place so that no parameter's depend on another's. */
function initialValues(
  { shape, initial, fanIn }: Parameter,
  place: number,
  seed: number,
): Float32Array | number {
  if (typeof initial === 'number') return initial;
  const bound = 1 / Math.sqrt(fanIn);
  const key = foldIn(streamKey(seed, 'initial weights'), place);
  return Float32Array.from(uniforms(key, sizeOf(shape)), (u) => bound * (2 * u - 1));
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

export class MeanField {
  /** Means, logarithms of the standard deviations, and plain values; an empty one is left out. */
  readonly vectors: readonly Vector[];
  readonly variables: readonly Variable[];
  /** Whether draws differ: some parameter is Bayesian. */
  readonly stochastic: boolean;
  /** Tensors of noise: one for the draws of each piece, those of the estimator for each parameter, then those of layers. */
  readonly streams: number;
  private readonly pieces: readonly (readonly Segment[])[];
  private readonly sites: ReadonlyMap<string, Site>;
  private readonly plain: readonly Segment[];

  /**
   * @param initialStd of a parameter, times 1/sqrt(fan-in)
   * @param noise that layers draw
   */
  constructor(
    parameters: readonly Parameter[],
    initialStd: number,
    private readonly estimator: EstimatorName,
    private readonly noise: readonly Noise[] = [],
  ) {
    const pieces = piecesOf(parameters.filter(({ bayesian }) => bayesian));
    const learned = segmentsOf(pieces.flat());
    this.pieces = pieces.map((piece) => segmentsOf(piece));
    this.plain = segmentsOf(parameters.filter(({ bayesian }) => !bayesian));
    this.stochastic = pieces.length > 0;

    const places = new Map(parameters.map((parameter, place) => [parameter.name, { parameter, place }]));
    const start =
      (seed: number) =>
      ({ name }: Segment): Float32Array | number => {
        const { parameter, place } = places.get(name)!;
        return initialValues(parameter, place, seed);
      };
    const logStd = ({ name }: Segment): number =>
      Math.log(initialStd / Math.sqrt(places.get(name)!.parameter.fanIn));
    this.vectors = [vector(learned, start), vector(learned, () => logStd), vector(this.plain, start)].filter(
      ({ length }) => length > 0,
    );

    this.sites = new Map(
      pieces
        .flatMap((piece, i) => piece.map((parameter, place) => ({ parameter, piece: i, place })))
        .map((site, index) => [site.parameter.name, { ...site, index }]),
    );
    this.streams = pieces.length + this.sites.size * estimators[estimator].streams + noise.length;

    const segments = new Map([...learned, ...this.plain].map((segment) => [segment.name, segment]));
    this.variables = parameters.flatMap(({ name, bayesian }) => {
      const { shape, offset } = segments.get(name)!;
      if (!bayesian) return [{ name, shape, vector: this.vectors.length - 1, offset }];
      return ['mean', 'logStd'].map((part, i) => ({ name: `${name}.${part}`, shape, vector: i, offset }));
    });
  }

  /** The vectors cut into pieces; no large one is copied. */
  cut(vectors: readonly tf.Tensor[]): Pieces {
    const slices = (vector: tf.Tensor): tf.Tensor[] => {
      let next = 0;
      return this.pieces.map(lengthOf).map((length) => tf.slice(vector, (next += length) - length, length));
    };
    const sizes = this.plain.map(({ size }) => size);
    const values = sizes.length > 0 ? tf.split(vectors.at(-1)!, sizes) : [];
    return {
      means: this.stochastic ? slices(vectors[0]!) : [],
      logStds: this.stochastic ? slices(vectors[1]!) : [],
      values: values.map((part, i) => tf.reshape(part, [...this.plain[i]!.shape])),
    };
  }

  /** Gradients of the pieces as gradients of the vectors. */
  join({ means, logStds, values }: Pieces): tf.Tensor[] {
    return [means, logStds, values]
      .filter((parts) => parts.length > 0)
      .map((parts) => (parts.length === 1 ? flat(parts[0]!) : tf.concat(parts.map(flat))));
  }

  /** The same without a copy of anything large: pieces of the vectors, one after the other. */
  inOrder({ means, logStds, values }: Pieces): tf.Tensor[] {
    return [...means, ...logStds, ...values].map(flat);
  }

  /**
   * Draws of all parameters, for the samples and data at hand.
   * @param use predictions sample weights, whatever estimates gradients, and what noise there is then is the same for all data
   */
  draw(
    pieces: Pieces,
    { keys, first }: Pick<Batch, 'keys' | 'first'>,
    use: 'training' | 'prediction' = 'training',
  ): Draw {
    const isPrediction = use === 'prediction';
    const estimate = estimators[isPrediction ? 'weights' : this.estimator];
    const samples = keys.shape[1]!;
    const keysOf = (stream: number): tf.Tensor =>
      tf.reshape(tf.slice(keys, [stream, 0, 0], [1, samples, 2]), [samples, 2]);
    const split = (whole: tf.Tensor, piece: number, axis: number): tf.Tensor[] => {
      const sizes = this.pieces[piece]!.map(({ size }) => size);
      return sizes.length === 1 ? [whole] : tf.split(whole, sizes, axis);
    };
    const draws = lazily((piece) => {
      const posterior = { mean: pieces.means[piece]!, logStd: pieces.logStds[piece]! };
      return split(sampleNormal(posterior, keysOf(piece)), piece, 1);
    });
    const means = lazily((piece) => split(pieces.means[piece]!, piece, 0));
    const logStds = lazily((piece) => split(pieces.logStds[piece]!, piece, 0));
    const posterior = ({ piece, place, parameter: { shape } }: Site): NormalParameters => ({
      mean: tf.reshape(means(piece)[place]!, [...shape]),
      logStd: tf.reshape(logStds(piece)[place]!, [...shape]),
    });
    const plain = new Map(this.plain.map(({ name }, i) => [name, i]));

    const at = (path: string): Draw => ({
      value: (name) => {
        const site = this.sites.get(path + name);
        if (!site) return tf.expandDims(pieces.values[plain.get(path + name)!]!, 0);
        return tf.reshape(draws(site.piece)[site.place]!, [samples, ...site.parameter.shape]);
      },
      linear: (op, x, name) => {
        const site = this.sites.get(path + name);
        const value = (): tf.Tensor => op(x, at(path).value(name));
        if (!site || estimate.streams === 0) return value();
        const stream = this.pieces.length + site.index * estimate.streams;
        const noise = Array.from({ length: estimate.streams }, (_, i) => keysOf(stream + i));
        return estimate.linear(op, x, posterior(site), noise, first) ?? value();
      },
      noise: (name, [batch, ...shape]) => {
        const index = this.noise.findIndex((each) => each.name === path + name);
        if (index < 0) throw new Error(`${path}${name} is no noise that a layer declares`);
        if (isPrediction && !this.noise[index]!.always) return undefined;
        const stream = this.streams - this.noise.length + index;
        return standardNormals(keysOf(stream), [isPrediction ? 1 : batch!, ...shape], first);
      },
      part: (name) => at(`${path}${name}.`),
    });
    return at('');
  }
}
