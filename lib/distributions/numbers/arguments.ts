import * as v from 'valibot';
import { CredenceError } from '../../errors';
import { positive, validate } from '../../validate';
import { finite } from '../finite';

/** @throws CredenceError E_OPTION unless it is a finite number */
export const checkFinite = (value: number, what: string): number => validate(finite, value, what);

/** @throws CredenceError E_OPTION unless it is a finite number above 0 */
export const checkPositive = (value: number, what: string): number => validate(positive(), value, what);

const list = v.pipe(
  v.array(v.number('must be a list of numbers'), 'must be a list of numbers'),
  v.minLength(1, 'must not be empty'),
);

/** The numbers of a list or typed array. @throws CredenceError E_OPTION if there are none, or something else */
export const checkList = (values: ArrayLike<number>, what: string): number[] =>
  validate(list, Array.from((values as ArrayLike<number> | undefined) ?? []), what);

/** @throws CredenceError E_OPTION unless it is from 0 to 1 */
export function checkLevel(p: number, what: string): void {
  if (p >= 0 && p <= 1) return;
  throw new CredenceError('E_OPTION', `${what} needs a probability from 0 to 1, got ${p}`);
}
