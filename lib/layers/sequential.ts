import { CredenceError } from '../errors';
import type { BuiltLayer, Layer } from './layer';

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
  return {
    name: 'sequential',
    build(inputShape) {
      const parts: { name: string; layer: BuiltLayer }[] = [];
      let shape = inputShape;
      layers.forEach((layer, i) => {
        const built = layer.build(shape);
        parts.push({ name: `${i}.${layer.name}`, layer: built });
        shape = built.outputShape;
      });
      return {
        parameters: parts.flatMap(({ name, layer }) =>
          layer.parameters.map((parameter) => ({ ...parameter, name: `${name}.${parameter.name}` })),
        ),
        outputShape: shape,
        apply: (draw, x) => parts.reduce((value, { name, layer }) => layer.apply(draw.part(name), value), x),
      };
    },
  };
}
