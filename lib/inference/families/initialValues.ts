import type { Parameter } from '../../layers/layer';
import { sizeOf } from '../../ndarray';
import { streamKey } from '../../streams';
import { foldIn, uniforms } from '../../threefry';

/**
 * The starting values of a parameter, keyed by seed and place so that no parameter's depend on another's.
 * @param place its number among all parameters, of all members
 */
export function initialValues(
  { shape, initial, fanIn }: Parameter,
  place: number,
  seed: number,
): Float32Array | number {
  if (initial !== 'uniform') return initial;
  const bound = 1 / Math.sqrt(fanIn);
  const key = foldIn(streamKey(seed, 'initial weights'), place);
  return Float32Array.from(uniforms(key, sizeOf(shape)), (u) => bound * (2 * u - 1));
}
