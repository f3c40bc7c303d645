import { CredenceError } from '../errors';

/**
 * Checks that arrays which go together point by point have the same length.
 * @returns that length
 * @throws CredenceError E_SHAPE that names the arrays
 */
export function sameLength(what: string, arrays: Readonly<Record<string, ArrayLike<number>>>): number {
  const [[firstName, first], ...others] = Object.entries(arrays) as [
    [string, ArrayLike<number>],
    ...[string, ArrayLike<number>][],
  ];
  for (const [name, values] of others) {
    if (values.length !== first.length) {
      throw new CredenceError(
        'E_SHAPE',
        `${what}: ${firstName} has ${first.length} values, but ${name} has ${values.length}`,
      );
    }
  }
  return first.length;
}
