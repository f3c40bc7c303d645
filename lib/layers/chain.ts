import type { BuiltLayer, BuiltPart, Layer, Parameter } from './layer';

/** A layer with the name by which its parameters go in a composed layer. */
export interface Part<L = Layer> {
  name: string;
  layer: L;
}

/** The parameters of a composed layer: those of its parts, named by part: 'hidden.kernel'. */
export const parametersOf = (parts: readonly BuiltPart[]): Parameter[] =>
  parts.flatMap(({ name, layer }) =>
    layer.parameters.map((parameter) => ({ ...parameter, name: `${name}.${parameter.name}` })),
  );

/** Layers one after the other. The parameters are named by part: 'hidden.kernel'. */
export function chain(name: string, parts: readonly Part[]): Layer {
  return {
    name,
    build(inputShape) {
      let shape = inputShape;
      const built = parts.map(({ name, layer }): Part<BuiltLayer> => {
        const part = layer.build(shape);
        shape = part.outputShape;
        return { name, layer: part };
      });
      const checkInputs = built[0]?.layer.checkInputs;
      return {
        parameters: parametersOf(built),
        outputShape: shape,
        parts: built,
        ...(checkInputs && { checkInputs }),
        apply: (draw, x) => built.reduce((value, { name, layer }) => layer.apply(draw.part(name), value), x),
      };
    },
  };
}
