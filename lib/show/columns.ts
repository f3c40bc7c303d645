import { CredenceError } from '../errors';

/** One column of an array of rows of `width` numbers. */
export const column = (values: ArrayLike<number>, index: number, width: number): Float64Array =>
  Float64Array.from({ length: values.length / width }, (_, i) => values[i * width + index]!);

/** @throws CredenceError E_OPTION unless there is such a target */
export function checkTarget(what: string, target: number, targets: number): void {
  if (target < targets) return;
  throw new CredenceError(
    'E_OPTION',
    `${what}: there is no target ${target}, targets are 0 to ${targets - 1}`,
  );
}

/**
 * One target of the truth, given for all of them or for that one alone.
 * @param y [N, D] or [N]
 * @throws CredenceError E_SHAPE
 */
export function truthOf(
  what: string,
  y: ArrayLike<number>,
  { rows, targets, target }: { rows: number; targets: number; target: number },
): Float64Array {
  if (y.length === rows * targets) return column(y, target, targets);
  if (y.length === rows) return Float64Array.from(y);
  throw new CredenceError(
    'E_SHAPE',
    `${what}: there are predictions for ${rows} data, but ${y.length} true values: give one for each${targets > 1 ? `, or one for each of ${targets} targets` : ''}`,
  );
}
