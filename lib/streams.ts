import { foldIn, type Key, keyOf, threefry2x32 } from './threefry';

/** What a run needs random numbers for. New purposes go to the end: their places are their numbers. */
const purposes = [
  'initial weights',
  'order of the data',
  'noise of a step',
  'prediction',
  'augmentation',
  'initial factors',
  'tangents',
] as const;

/** The key of one purpose: independent of those of the others, and fixed by the seed. */
export const streamKey = (seed: number, purpose: (typeof purposes)[number]): Key =>
  foldIn(keyOf(seed), purposes.indexOf(purpose));

/**
 * Keys of the noise of one step: for each stream (one for each tensor of noise) and sample, [streams, samples, 2] words.
 * @param firstSample the number of the first sample, counted over all workers
 */
export function noiseKeys(
  key: Key,
  step: number,
  { streams, samples, firstSample }: { streams: number; samples: number; firstSample: number },
): Int32Array {
  const keys = new Int32Array(2 * streams * samples);
  const ofStep = foldIn(key, step);
  for (let stream = 0; stream < streams; stream++) {
    const ofStream = foldIn(ofStep, stream);
    for (let sample = 0; sample < samples; sample++) {
      const at = 2 * (stream * samples + sample);
      [keys[at], keys[at + 1]] = foldIn(ofStream, firstSample + sample);
    }
  }
  return keys;
}

/**
 * Uniform numbers in [0, 1) for the augmentations of data first .. first + count - 1 of a batch, [count, uniforms]. Those of a datum
 * depend on key, step, group and its place in the whole batch, and on nothing else.
 * @param group the group of samples that sees the data so: those of one group see the same
 */
export function augmentationUniforms(
  key: Key,
  step: number,
  group: number,
  { uniforms, first, count }: { uniforms: number; first: number; count: number },
): Float32Array {
  const values = new Float32Array(count * uniforms);
  const ofGroup = foldIn(foldIn(key, step), group);
  for (let datum = 0; datum < count; datum++) {
    for (let i = 0; i < uniforms; i += 2) {
      const at = datum * uniforms + i;
      const [a, b] = threefry2x32(ofGroup, [first + datum, i / 2]);
      // the upper 24 bits: what single precision holds, so that rounding never gives 1
      values[at] = (a >>> 8) * 2 ** -24;
      if (i + 1 < uniforms) values[at + 1] = (b >>> 8) * 2 ** -24;
    }
  }
  return values;
}
