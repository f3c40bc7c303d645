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

/** Standard normals [samples, length]: block j of a sample gives element j of the first half and element j of the second. */
export function referenceNormals(position: Position, samples: number, length: number): Float64Array {
  const values = new Float64Array(samples * length);
  const half = Math.ceil(length / 2);
  for (let sample = 0; sample < samples; sample++) {
    const key = sampleKey(position, sample);
    for (let j = 0; j < half; j++) {
      const [first, second] = normalPair(threefry2x32(key, [0, j]));
      values[sample * length + j] = first;
      if (half + j < length) values[sample * length + half + j] = second;
    }
  }
  return values;
}
