import { CredenceError } from '../../errors';
import { type Attribute, AttributeType, functionAttribute } from './attributes';
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
  /** For a function: the operation that calls it. */
  caller: { pointer: Pointer; attributes: readonly Attribute[] } | undefined;
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

export const operation = (name: string, { inputs, outputs }: OpDef): Callable => ({
  title: name,
  pointer: cString(name),
  inputs: arity(inputs),
  outputs: arity(outputs),
  caller: undefined,
});

const CALL = 'StatefulPartitionedCall';

const types = (name: string, list: readonly Argument[]): Attribute => ({
  name,
  type: AttributeType.type,
  value: list.map(({ type }) => type!),
});

export const compiledFunction = (name: string, definition: OpDef): Callable => {
  const { inputs, outputs } = definition;
  const attributes = [types('Tin', inputs), types('Tout', outputs), functionAttribute('f', name)];
  return {
    ...operation(name, definition),
    title: 'a compiled function',
    caller: { pointer: cString(CALL), attributes },
  };
};

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
