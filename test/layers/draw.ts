import type { Tensor } from '@tensorflow/tfjs';
import type { Draw } from '../../lib/layers';

/**
 * A draw whose parameters have the values given, [S, ...shape] each, by their full names ('0.dense.kernel'). Without values of what moves it
 * is one of training.
 */
export const drawOf = (values: ReadonlyMap<string, Tensor>, path = ''): Draw => {
  const value = (name: string): Tensor => {
    const found = values.get(path + name);
    if (!found) throw new Error(`no value for ${path}${name}`);
    return found;
  };
  return {
    value,
    linear: (op, x, name) => op(x, value(name)),
    noise: (name) => value(name),
    moving: (name, { ofBatch }) => values.get(path + name) ?? ofBatch(),
    part: (name) => drawOf(values, `${path}${name}.`),
  };
};
