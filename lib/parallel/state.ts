import type { Shape } from '../ndarray';

/** Shapes of all that training changes: the variables, then the optimiser's slots of each, variable by variable. */
export const stateShapes = (variables: readonly Shape[], slots: number): Shape[] => [
  ...variables,
  ...variables.flatMap((shape) => new Array<Shape>(slots).fill(shape)),
];

/** Shapes of what a worker adds to a step: its share of the negative log likelihood, and its gradient for each variable. */
export const gradientShapes = (variables: readonly Shape[]): Shape[] => [[], ...variables];
