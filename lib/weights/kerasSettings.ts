/** How the settings of a layer of Keras are read. */
import * as v from 'valibot';
import type { ActivationName } from '../layers';
import type { Layer } from '../layers/layer';
import type { NdArray } from '../ndarray';
import { count } from '../validate';
import type { KerasLayer } from './tfjsFile';

/** A layer without weights yet, and its parameters by what they are called here. */
export interface Converted {
  layer: Layer;
  weights?: Readonly<Record<string, NdArray>>;
}

/** Its arrays, by their names in Keras: 'kernel', 'bias'. Throws if one is not there. */
export type Take = (name: string) => NdArray;
export type Config = KerasLayer['config'];

/** Reads what it needs of the settings of a layer. Throws, of a setting that there is not here, an Error that says so. */
export function read<T>(entries: v.GenericSchema<unknown, T>, config: Config): T {
  const result = v.safeParse(entries, config, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new Error(`its '${v.getDotPath(issue)}' is ${JSON.stringify(issue.input)}, and ${issue.message}`);
}

const activations: Readonly<Record<string, ActivationName>> = {
  linear: 'linear',
  relu: 'relu',
  elu: 'elu',
  gelu: 'gelu',
  gelu_new: 'geluTanh',
  silu: 'silu',
  swish: 'silu',
  tanh: 'tanh',
  sigmoid: 'sigmoid',
  softplus: 'softplus',
};
export const activation = v.pipe(
  v.optional(
    v.picklist(Object.keys(activations), `can only be ${Object.keys(activations).join(', ')}`),
    'linear',
  ),
  v.transform((name) => activations[name]!),
);
export const only = <const T extends string | number | boolean>(value: T) =>
  v.nullish(v.literal(value, `can only be ${value}`), value);
export const off = v.nullish(v.literal(false, 'can only be false'));
export const sizes = v.union([v.pipe(count(1), v.transform((size) => [size])), v.array(count(1))], 'can only be whole numbers'); // prettier-ignore
export const yes = v.nullish(v.boolean(), true);

export const biased = (use: boolean, take: Take): Record<string, NdArray> =>
  use ? { bias: take('bias') } : {};
