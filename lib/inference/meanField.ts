/** A normal posterior for each Bayesian parameter of a model, elementwise independent: where its numbers lie, and draws of it. */
import * as tf from '@tensorflow/tfjs';
import type { NormalParameters } from '../distributions/prior';
import type { Draw, Parameter } from '../layers/layer';
import { sizeOf } from '../ndarray';
import { streamKey } from '../streams';
import { foldIn, uniforms } from '../threefry';
import { type EstimatorName, estimators } from './estimators';
import type { Variable, Vector } from './method';
import { sampleNormal } from './sampling';

/** Parameters of at most so many elements are drawn together: a fused loop costs more to start than to copy them out of it. */
const SMALL = 16384;

/** TensorFlow takes a slice without copying it where it begins and ends at a multiple of this. */
const ALIGNED = 16;

/** Parameters that are drawn by one fused loop: one large one, or many small ones. Their elements lie one after the other. */
interface Piece {
  parameters: readonly Parameter[];
  sizes: readonly number[];
  length: number;
}

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
  /** Values of the parameters that are not Bayesian, then of the likelihood's. */
  values: readonly tf.Tensor[];
}

export interface Extra {
  name: string;
  shape: readonly number[];
  initial: number;
}

/** The starting values of a parameter, keyed by seed and place so that no parameter's depend on another's. */
function initialValues({ shape, initial, fanIn }: Parameter, place: number, seed: number): Float32Array {
  const size = sizeOf(shape);
  if (typeof initial === 'number') return new Float32Array(size).fill(initial);
  const bound = 1 / Math.sqrt(fanIn);
  const key = foldIn(streamKey(seed, 'initial weights'), place);
  return Float32Array.from(uniforms(key, size), (u) => bound * (2 * u - 1));
}

function joined(length: number, parts: Iterable<ArrayLike<number>>): Float32Array {
  const values = new Float32Array(length);
  let at = 0;
  for (const part of parts) {
    values.set(part, at);
    at += part.length;
  }
  return values;
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const sizeOfParameter = ({ shape }: Parameter): number => sizeOf(shape);
const flat = (x: tf.Tensor): tf.Tensor => tf.reshape(x, [x.size]);

/** Groups the Bayesian parameters into pieces: aligned ones first, so that the slices of all large ones are. */
function piecesOf(parameters: readonly Parameter[]): Piece[] {
  const large = parameters.filter((parameter) => sizeOfParameter(parameter) > SMALL);
  const small = parameters.filter((parameter) => sizeOfParameter(parameter) <= SMALL);
  const isAligned = (parameter: Parameter): boolean => sizeOfParameter(parameter) % ALIGNED === 0;
  // kernels apart from biases: an estimator may have no need of draws of kernels
  const isKernel = ({ shape }: Parameter): boolean => shape.length > 1;
  const groups = [
    ...large.filter(isAligned).map((parameter) => [parameter]),
    ...large.filter((parameter) => !isAligned(parameter)).map((parameter) => [parameter]),
    small.filter(isKernel),
    small.filter((parameter) => !isKernel(parameter)),
  ];
  return groups
    .filter((group) => group.length > 0)
    .map((parameters) => {
      const sizes = parameters.map(sizeOfParameter);
      return { parameters, sizes, length: sum(sizes) };
    });
}

export class MeanField {
  /** Means, logarithms of the standard deviations, and plain values; an empty one is left out. */
  readonly vectors: readonly Vector[];
  readonly variables: readonly Variable[];
  readonly streams: number;
  private readonly pieces: readonly Piece[];
  private readonly sites = new Map<string, Site>();
  private readonly plain: readonly { name: string; shape: readonly number[]; size: number }[];

  /**
   * @param parameters those of a model
   * @param extra values that are learned beside them
   * @param initialStd of a parameter, times 1/sqrt(fan-in)
   */
  constructor(
    parameters: readonly Parameter[],
    extra: readonly Extra[],
    initialStd: number,
    private readonly estimator: EstimatorName,
  ) {
    const place = new Map(parameters.map((parameter, i) => [parameter.name, i]));
    const start = (parameter: Parameter, seed: number): Float32Array =>
      initialValues(parameter, place.get(parameter.name)!, seed);
    this.pieces = piecesOf(parameters.filter(({ bayesian }) => bayesian));
    const bayesian = this.pieces.flatMap(({ parameters }) => parameters);
    const deterministic = parameters.filter(({ bayesian }) => !bayesian);
    const size = sum(this.pieces.map(({ length }) => length));
    const extras = extra.map(({ name, shape }) => ({ name, shape, size: sizeOf(shape) }));
    this.plain = [
      ...deterministic.map(({ name, shape }) => ({ name, shape, size: sizeOf(shape) })),
      ...extras,
    ];
    const plainSize = sum(this.plain.map(({ size }) => size));
    const normals: Vector[] = [
      { length: size, initial: (seed) => joined(size, bayesian.map((each) => start(each, seed))) }, // prettier-ignore
      {
        length: size,
        initial: () =>
          joined(
            size,
            bayesian.map((each) =>
              new Float32Array(sizeOfParameter(each)).fill(Math.log(initialStd / Math.sqrt(each.fanIn))),
            ),
          ),
      },
    ];
    const plain: Vector = {
      length: plainSize,
      initial: (seed) =>
        joined(plainSize, [
          ...deterministic.map((each) => start(each, seed)),
          ...extra.map(({ initial }, i) => new Float32Array(extras[i]!.size).fill(initial)),
        ]),
    };
    this.vectors = [...(size > 0 ? normals : []), ...(plainSize > 0 ? [plain] : [])];

    this.pieces.forEach(({ parameters }, piece) =>
      parameters.forEach((parameter, place) =>
        this.sites.set(parameter.name, { parameter, piece, place, index: this.sites.size }),
      ),
    );
    this.streams = this.pieces.length + this.sites.size * estimators[estimator].streams;
    this.variables = this.list(parameters, extras);
  }

  get stochastic(): boolean {
    return this.pieces.length > 0;
  }

  /** The variables in the order of the model's parameters. */
  private list(parameters: readonly Parameter[], extras: readonly { name: string }[]): Variable[] {
    const offsets = new Map<string, number>();
    let at = 0;
    for (const { parameters, sizes } of this.pieces) {
      parameters.forEach(({ name }, i) => {
        offsets.set(name, at);
        at += sizes[i]!;
      });
    }
    at = 0;
    for (const { name, size } of this.plain) {
      offsets.set(name, at);
      at += size;
    }
    const plainVector = this.vectors.length - 1;
    const shapes = new Map(this.plain.map(({ name, shape }) => [name, shape]));
    return [...parameters.map(({ name }) => name), ...extras.map(({ name }) => name)].flatMap((name) => {
      const offset = offsets.get(name)!;
      const site = this.sites.get(name);
      if (!site) return [{ name, shape: shapes.get(name)!, vector: plainVector, offset }];
      const { shape } = site.parameter;
      return [
        { name: `${name}.mean`, shape, vector: 0, offset },
        { name: `${name}.logStd`, shape, vector: 1, offset },
      ];
    });
  }

  /** The vectors cut into pieces; no large one is copied. */
  cut(vectors: readonly tf.Tensor[]): Pieces {
    const lengths = this.pieces.map(({ length }) => length);
    const slices = (vector: tf.Tensor): tf.Tensor[] => {
      let at = 0;
      return lengths.map((length) => tf.slice(vector, (at += length) - length, length));
    };
    const values = this.plain.length > 0 ? vectors.at(-1)! : undefined;
    return {
      means: this.stochastic ? slices(vectors[0]!) : [],
      logStds: this.stochastic ? slices(vectors[1]!) : [],
      values: values
        ? tf
            .split(
              values,
              this.plain.map(({ size }) => size),
            ) // prettier-ignore
            .map((part, i) => tf.reshape(part, [...this.plain[i]!.shape]))
        : [],
    };
  }

  /** Gradients of the pieces as gradients of the vectors. */
  join({ means, logStds, values }: Pieces): tf.Tensor[] {
    return [means, logStds, values]
      .filter((parts) => parts.length > 0)
      .map((parts) => (parts.length === 1 ? flat(parts[0]!) : tf.concat(parts.map(flat))));
  }

  /**
   * Draws of all parameters.
   * @param keys [streams, S, 2]
   */
  draw(pieces: Pieces, keys: tf.Tensor, estimator: EstimatorName = this.estimator): Draw {
    const estimate = estimators[estimator];
    const samples = keys.shape[1]!;
    const keysOf = (stream: number): tf.Tensor =>
      tf.reshape(tf.slice(keys, [stream, 0, 0], [1, samples, 2]), [samples, 2]);
    const memo = <T>(make: (piece: number) => T): ((piece: number) => T) => {
      const made = new Map<number, T>();
      return (piece) => {
        let value = made.get(piece);
        if (value === undefined) made.set(piece, (value = make(piece)));
        return value;
      };
    };
    const parts = (whole: tf.Tensor, piece: number, axis: number): tf.Tensor[] => {
      const { sizes } = this.pieces[piece]!;
      return sizes.length === 1 ? [whole] : tf.split(whole, [...sizes], axis);
    };
    const draws = memo((piece) => {
      const posterior = { mean: pieces.means[piece]!, logStd: pieces.logStds[piece]! };
      return parts(sampleNormal(posterior, keysOf(piece)), piece, 1);
    });
    const means = memo((piece) => parts(pieces.means[piece]!, piece, 0));
    const logStds = memo((piece) => parts(pieces.logStds[piece]!, piece, 0));
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
        const first = this.pieces.length + site.index * estimate.streams;
        const noise = Array.from({ length: estimate.streams }, (_, i) => keysOf(first + i));
        return estimate.linear(op, x, posterior(site), noise) ?? value();
      },
      part: (name) => at(`${path}${name}.`),
    });
    return at('');
  }
}
