import { CredenceError } from '../errors';
import type { NdArray, Shape, TypedArray } from '../ndarray';
import type { Targets } from './likelihood';

/**
 * Targets [N] or [N, D] of a model with a certain number of outputs for each.
 * @param likelihood its name, for messages
 * @param perTarget outputs for each target, and what they are: ' (a mean and a log standard deviation each)'
 * @param check refuses values that are no targets; `where` tells the row
 * @throws CredenceError E_SHAPE, and what `check` throws
 */
export function columns(
  likelihood: string,
  y: NdArray<TypedArray>,
  outputShape: Shape,
  perTarget: { outputs: number; meaning?: string } = { outputs: 1 },
  check?: (value: number, where: string) => void,
): Targets {
  if (y.shape.length > 2) {
    throw new CredenceError(
      'E_SHAPE',
      `the ${likelihood} likelihood needs targets of shape [N] or [N, D], got [${y.shape.join(', ')}]`,
    );
  }
  const size = y.shape[1] ?? 1;
  const { outputs, meaning = '' } = perTarget;
  if (outputShape.length !== 1 || outputShape[0] !== outputs * size) {
    throw new CredenceError(
      'E_SHAPE',
      `targets of size ${size} need a model with ${outputs * size} outputs${meaning}, got outputs of shape [${outputShape.join(', ')}]`,
    );
  }
  if (check) y.forEach((value, i) => check(value, `row ${Math.floor(i / size)}`));
  return { values: Float32Array.from(y), shape: [size] };
}
