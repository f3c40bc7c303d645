import { CredenceError } from '../../errors';
import { cString, type Pointer } from './capi';
import type { Argument, OpDef } from './opDef';

/** An operation or a compiled function, as a context calls it. */
export interface Callable {
  /** What messages call it: a compiled function has no name that a person knows. */
  title: string;
  /** Its name in C memory. */
  pointer: Pointer;
  /** Its arguments: C writes as many outputs as it has, and reads as many inputs, whatever it was given. */
  inputs: Arity;
  outputs: Arity;
}

/** How many tensors. */
interface Arity {
  arguments: readonly Argument[];
  /** Without those in lists. */
  single: number;
  /** Whether there are lists, whose lengths are known only with the attributes. */
  hasLists: boolean;
}

function arity(list: readonly Argument[]): Arity {
  const single = list.filter(({ isList }) => !isList).length;
  return { arguments: list, single, hasLists: single < list.length };
}

export const callable = (name: string, { inputs, outputs }: OpDef, title = name): Callable => ({
  title,
  pointer: cString(name),
  inputs: arity(inputs),
  outputs: arity(outputs),
});

const tensors = (count: number): string => `${count} ${count === 1 ? 'tensor' : 'tensors'}`;

/** @throws CredenceError E_ENGINE unless an operation may be given so many tensors */
export function assertTakes({ title, inputs }: Callable, count: number): void {
  if (inputs.hasLists ? count >= inputs.single : count === inputs.single) return;
  const least = inputs.hasLists ? 'at least ' : '';
  throw new CredenceError(
    'E_ENGINE',
    `${title} takes ${least}${tensors(inputs.single)}, and was given ${count}`,
  );
}

/** @throws CredenceError E_ENGINE unless so many tensors were asked for as the operation gives */
export function assertGives({ title }: Callable, gives: number, asked: number): void {
  if (gives === asked) return;
  throw new CredenceError('E_ENGINE', `${title} gives ${tensors(gives)}, and ${asked} were asked for`);
}
