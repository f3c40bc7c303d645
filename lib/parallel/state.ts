import type { Shape } from '../ndarray';

/** Shapes of all that training changes: the vectors, then the optimiser's slots of each, vector by vector. */
export const stateShapes = (vectors: readonly Shape[], slots: number): Shape[] => [
  ...vectors,
  ...vectors.flatMap((shape) => new Array<Shape>(slots).fill(shape)),
];

/** Shapes of what a worker adds to a step: its share of the negative log likelihood, and its gradient for each vector. */
export const gradientShapes = (vectors: readonly Shape[]): Shape[] => [[], ...vectors];
