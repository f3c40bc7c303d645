import * as tf from '@tensorflow/tfjs';
import { gatherRows } from '../../engine/compile/gather';
import type { Draw, Noise, Parameter } from '../../layers/layer';
import type { Drawn, Family, Use } from './family';
import { initialValues } from './initialValues';
import type { Draws, Variable, Vector } from '../method';
import { movingBy } from './moving';
import { noiseBy } from './noise';
import { byRole, isMoving, lengthOf, type Segment, segmentsOf, vectorOf } from './segments';

/**
 * Values of all parameters for each of some members that know nothing of each other: the models of an ensemble, or chains. Sample number s
 * is member s, and where there are more samples than members, they take turns. Members start apart.
 */
export class Members implements Family {
  /** Values of the parameters that a prior is known of, of the others, and moving ones; an empty one is left out. */
  readonly vectors: readonly Vector[];
  readonly variables: readonly Variable[];
  readonly draws: number;
  readonly drawnNumbers: number = 0;
  /** Those of the layers. */
  readonly streams: number;
  /** In the order of their parts. */
  readonly parameters: readonly Parameter[];
  private readonly segments: readonly (readonly Segment[])[];
  /** Index of the part of each parameter. */
  private readonly places: ReadonlyMap<string, number>;

  constructor(
    parameters: readonly Parameter[],
    private readonly noise: readonly Noise[],
    private readonly members = 1,
  ) {
    this.streams = noise.length;
    this.draws = noise.some(({ always }) => always) ? Infinity : members;
    const several = ({ shape }: Parameter): number[] => (members === 1 ? [...shape] : [members, ...shape]);
    const lists = byRole(parameters);
    this.parameters = lists.flat();
    this.segments = lists.map((list) =>
      segmentsOf(list.map((each) => ({ name: each.name, shape: several(each) }))),
    );
    this.places = new Map(this.parameters.map(({ name }, place) => [name, place]));

    // as of variational inference: a model starts from the same values, whatever the method
    const numbers = new Map(parameters.map((parameter, number) => [parameter.name, { parameter, number }]));
    const start =
      (seed: number) =>
      ({ name, size }: Segment): Float32Array | number => {
        const { parameter, number } = numbers.get(name)!;
        const values = Array.from({ length: members }, (_, member) =>
          initialValues(parameter, number + member * parameters.length, seed),
        );
        if (typeof values[0] === 'number') return values[0];
        const all = new Float32Array(size);
        values.forEach((own, member) => all.set(own as Float32Array, (member * size) / members));
        return all;
      };
    this.vectors = this.segments.map((list, i) => ({
      length: lengthOf(list),
      initial: (seed) => vectorOf(list, start(seed)),
      isMoving: isMoving(lists[i]!),
    }));
    const lying = new Map(
      this.segments.flatMap((list, vector) => list.map((each) => [each.name, { ...each, vector }] as const)),
    );
    this.variables = parameters.map(({ name }) => {
      const { shape, vector, offset } = lying.get(name)!;
      return { name, shape, vector, offset };
    });
  }

  /** [S, ...] of each parameter, or [1, ...] of a single member. */
  cut(vectors: readonly tf.Tensor[], { numbers }: Draws, use: Use): tf.Tensor[] {
    const { members } = this;
    return this.segments.flatMap((list, i) => {
      const parts = tf.split(
        vectors[i]!,
        list.map(({ size }) => size),
      );
      return parts.map((part, j) => {
        const rows = tf.reshape(part, [members, list[j]!.size / members]);
        if (this.isAll(numbers, use)) return rows;
        return gatherRows(rows, tf.mod(numbers, tf.scalar(members, 'int32')));
      });
    });
  }

  /** Whether these are all members, in order. */
  private isAll(numbers: tf.Tensor, use: Use): boolean {
    return this.members === 1 || (use === 'training' && numbers.shape[0] === this.members);
  }

  join(gradients: readonly tf.Tensor[], draws: Draws): tf.Tensor[] {
    const all = this.inOrder(gradients, draws);
    let next = 0;
    return this.segments.map(({ length }) => tf.concat(all.slice(next, (next += length))));
  }

  inOrder(gradients: readonly tf.Tensor[], { numbers }: Draws): tf.Tensor[] {
    const { members } = this;
    return gradients.map((gradient) => {
      const all = this.isAll(numbers, 'training')
        ? gradient
        : tf.scatterND(tf.expandDims(numbers, 1), gradient, [members, gradient.shape[1]!]);
      return tf.reshape(all, [all.size]);
    });
  }

  draw(parts: readonly tf.Tensor[], drawn: Omit<Drawn, 'numbers'>, use: Use): Draw {
    const noise = noiseBy(this.noise, 0, drawn, use);
    const at = (path: string): Draw => {
      const value = (name: string): tf.Tensor => {
        const place = this.places.get(path + name)!;
        const part = parts[place]!;
        return tf.reshape(part, [part.shape[0], ...this.parameters[place]!.shape]);
      };
      return {
        value,
        linear: (op, x, name) => op(x, value(name)),
        noise: (name, shape) => noise(path + name, shape),
        moving: movingBy(value, drawn, use, this.members),
        part: (name) => at(`${path}${name}.`),
      };
    };
    return at('');
  }
}
