import type { BuiltLayer, Layer } from './layer';

/** A layer with the name by which its parameters go in a composed layer. */
export interface Part {
  name: string;
  layer: Layer;
}

/** Layers one after the other. The parameters are named by part: 'hidden.kernel'. */
export function chain(name: string, parts: readonly Part[]): Layer {
  return {
    name,
    build(inputShape) {
      let shape = inputShape;
      const built = parts.map(({ name, layer }): { name: string; layer: BuiltLayer } => {
        const part = layer.build(shape);
        shape = part.outputShape;
        return { name, layer: part };
      });
      return {
        parameters: built.flatMap(({ name, layer }) =>
          layer.parameters.map((parameter) => ({ ...parameter, name: `${name}.${parameter.name}` })),
        ),
        outputShape: shape,
        apply: (draw, x) => built.reduce((value, { name, layer }) => layer.apply(draw.part(name), value), x),
      };
    },
  };
}
