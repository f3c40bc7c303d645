import { inspect } from 'node:util';
import type { Layer } from './layer';

const isLayer = (value: unknown): boolean =>
  typeof (value as Partial<Layer> | undefined)?.build === 'function';

/** An argument as it was written; a list of layers goes on lines of its own. */
function text(value: unknown): string {
  if (Array.isArray(value) && value.every(isLayer)) {
    const lines = value.map((layer) => `  ${text(layer).replaceAll('\n', '\n  ')},\n`);
    return `[\n${lines.join('')}]`;
  }
  return inspect(value, { depth: 6, breakLength: Infinity });
}

/** A layer that prints as the call that makes it: dense({ units: 64, activation: 'relu' }). */
export function printed(call: string, given: readonly unknown[], layer: Layer): Layer {
  const print = (): string => {
    const told = given.filter((argument) => argument !== undefined).map(text);
    return `${call}(${told.filter((argument) => argument !== '{}').join(', ')})`;
  };
  // not enumerable: two layers are still compared by what they are
  return Object.defineProperties(
    { ...layer },
    { toString: { value: print }, [inspect.custom]: { value: print } },
  );
}
