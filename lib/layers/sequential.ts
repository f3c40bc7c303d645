import { CredenceError } from '../errors';
import { chain } from './chain';
import type { Layer } from './layer';
import { printed } from './printed';

/** `Array.isArray`, without making every element `any`. */
const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

/** Layers one after the other. The parameters are named by place and layer: '1.dense.kernel'. */
export function sequential(layers: readonly Layer[]): Layer {
  if (!isList(layers) || layers.length === 0) {
    throw new CredenceError('E_OPTION', 'sequential needs a list of at least one layer');
  }
  layers.forEach((layer: Partial<Layer> | undefined, i) => {
    if (typeof layer?.build === 'function') return;
    throw new CredenceError(
      'E_OPTION',
      `sequential: entry ${i} is not a layer. Did you forget to call it, as in layers.flatten()?`,
    );
  });
  const parts = layers.map((layer, i) => ({ name: `${i}.${layer.name}`, layer }));
  return printed('sequential', [layers], chain('sequential', parts));
}
