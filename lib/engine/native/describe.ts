import { nameOf } from './dtype';

/** More operands than this are counted in messages, not listed. */
const LISTED = 6;

/** A tensor, for messages: 'float32[2,3]'. */
export const describe = (type: number, shape: readonly number[]): string =>
  `${nameOf(type)}[${shape.join()}]`;

/** An operation on its operands, for messages: 'MatMul of float32[2,3] and float32[4,5]'. */
export function describeCall(
  name: string,
  operands: readonly { dtype: number; shape: readonly number[] }[],
): string {
  if (operands.length === 0) return name;
  const listed = operands.slice(0, LISTED).map(({ dtype, shape }) => describe(dtype, shape));
  if (operands.length > LISTED) listed.push(`${operands.length - LISTED} more`);
  const last = listed.pop()!;
  return `${name} of ${listed.length > 0 ? `${listed.join(', ')} and ` : ''}${last}`;
}
