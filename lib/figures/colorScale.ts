/** Colours for values on a map: viridis, whose steps look equally large, in grey and to colour-blind eyes too. */
import type { Raster } from './png';

/** Viridis (Smith and van der Walt, 2015) at even steps; between them it is close to linear. */
const viridis = [
  [68, 1, 84],
  [72, 40, 120],
  [62, 74, 137],
  [49, 104, 142],
  [38, 130, 142],
  [31, 158, 137],
  [53, 183, 121],
  [110, 206, 88],
  [181, 222, 43],
  [253, 231, 37],
] as const;

/** The colour of a value between 0 and 1: red, green and blue, 0 to 255. */
export function viridisColor(share: number): readonly [number, number, number] {
  const at = Math.min(1, Math.max(0, share)) * (viridis.length - 1);
  const below = Math.min(viridis.length - 2, Math.floor(at));
  const [from, to] = [viridis[below]!, viridis[below + 1]!];
  const mix = (channel: 0 | 1 | 2): number =>
    Math.round(from[channel] + (at - below) * (to[channel] - from[channel]));
  return [mix(0), mix(1), mix(2)];
}

/**
 * Values as a picture in these colours; what is not finite is transparent.
 * @param values [height, width], the top row first
 * @param range the values that get the first and the last colour
 */
export function colored(
  values: ArrayLike<number>,
  [width, height]: readonly [number, number],
  [from, to]: readonly [number, number],
): Raster {
  const pixels = new Uint8Array(4 * width * height);
  for (let i = 0; i < width * height; i++) {
    if (Number.isFinite(values[i])) {
      pixels.set([...viridisColor((values[i]! - from) / (to - from)), 255], 4 * i);
    }
  }
  return { width, height, channels: 4, pixels };
}
