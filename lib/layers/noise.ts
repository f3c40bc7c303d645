import type { BuiltPart, Noise } from './layer';

/** The noise that a model draws, in itself and in its parts, with full names: '1.dropout.mask'. */
export function noiseIn({ noise = [], parts = [] }: BuiltPart['layer']): Noise[] {
  const inParts = parts.flatMap(({ name, layer }) =>
    noiseIn(layer).map((each) => ({ ...each, name: `${name}.${each.name}` })),
  );
  return [...noise, ...inParts];
}
