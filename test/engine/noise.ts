/** The noise of a training step in plain TypeScript, from the same words: what the compiled generator must give. */
import { foldIn, type Key, threefry2x32 } from '../../lib/threefry';

export interface Position {
  key: Key;
  step: number;
  stream: number;
  firstSample: number;
}

/** The key of one sample: key, step, stream and sample folded in one after the other. */
export const sampleKey = ({ key, step, stream, firstSample }: Position, sample: number): Key =>
  foldIn(foldIn(foldIn(key, step), stream), firstSample + sample);

const single = Math.fround;

/**
 * A pair of normals from a pair of words (Box and Muller): radius from the first, angle from the second. The words become numbers
 * in single precision, as in the compiled generator: near 1 the radius depends on that rounding; the rest is exact to 1e-15.
 */
function normalPair([u, v]: readonly [number, number]): [number, number] {
  const radius = Math.sqrt(-2 * Math.log(single(single(u) * 2 ** -32 + 2 ** -33)));
  const angle = Math.PI * single(single(v % 2 ** 31) * 2 ** -31 - 0.5);
  const sign = v >= 2 ** 31 ? -1 : 1;
  return [radius * Math.sin(angle), radius * sign * Math.cos(angle)];
}

/** Standard normals [samples, length]: block j of a sample gives its elements 2j and 2j + 1. */
export function referenceNormals(position: Position, samples: number, length: number): Float64Array {
  const values = new Float64Array(samples * length);
  for (let sample = 0; sample < samples; sample++) {
    const key = sampleKey(position, sample);
    for (let j = 0; 2 * j < length; j++) {
      const pair = normalPair(threefry2x32(key, [0, j]));
      values.set(pair.slice(0, length - 2 * j), sample * length + 2 * j);
    }
  }
  return values;
}
