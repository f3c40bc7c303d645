/** Named arrays, one after the other in a flat vector. */
import type { Parameter } from '../../layers/layer';
import { sizeOf, type Shape } from '../../ndarray';

/** One of them, and where it lies. */
export interface Segment {
  name: string;
  shape: Shape;
  /** Its first element in the vector, and how many it has. */
  offset: number;
  size: number;
}

export const isMoving = (parameters: readonly Parameter[]): boolean => parameters[0]?.isMoving ?? false;

/** Parameters that a distribution is learned over, those with one value, and those that are not learned: lists that are not empty. */
export function byRole(parameters: readonly Parameter[]): Parameter[][] {
  const roles = [
    parameters.filter(({ bayesian }) => bayesian),
    parameters.filter(({ bayesian, isMoving }) => !bayesian && !isMoving),
    parameters.filter(({ bayesian, isMoving }) => !bayesian && isMoving),
  ];
  return roles.filter(({ length }) => length > 0);
}

/** The segments of a vector that holds these arrays in this order. */
export function segmentsOf(arrays: readonly { name: string; shape: Shape }[]): Segment[] {
  let next = 0;
  return arrays.map(({ name, shape }) => {
    const size = sizeOf(shape);
    next += size;
    return { name, shape, offset: next - size, size };
  });
}

/** Elements of the whole vector. */
export const lengthOf = (segments: readonly Segment[]): number =>
  segments.reduce((sum, { size }) => sum + size, 0);

/** The vector with these values of each segment: as many numbers as it has, or one for all. */
export function vectorOf(
  segments: readonly Segment[],
  valuesOf: (segment: Segment) => Float32Array | number,
): Float32Array {
  const vector = new Float32Array(lengthOf(segments));
  for (const segment of segments) {
    const { offset, size } = segment;
    const values = valuesOf(segment);
    if (typeof values === 'number') vector.fill(values, offset, offset + size);
    else vector.set(values, offset);
  }
  return vector;
}
