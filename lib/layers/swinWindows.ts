/**
 * The windows of a Swin transformer (Liu et al. 2021): images are cut into windows of [h, w] places, each a sequence of tokens. Every
 * second time the image is first shifted by half a window, cyclically:
 *
 *     A A B B          D  C C  D
 *     A A B B    ->    B  A A  B      a window may then hold places that were not neighbours:
 *     C C D D          B  A A  B      they do not see each other (`shiftMask`)
 *     C C D D          D  C C  D
 */
import * as tf from '@tensorflow/tfjs';

/** [height, width] */
export type Size = readonly [number, number];

export interface Grid {
  image: Size;
  /** Of one window. It tiles the image. */
  window: Size;
  /** How far the image is moved up and to the left beforehand. */
  shift: Size;
}

/** How often a window fits into the image, down and across. */
const tiles = ({ image, window }: Grid): Size => [image[0] / window[0], image[1] / window[1]];

export const windowsIn = (grid: Grid): number => tiles(grid)[0] * tiles(grid)[1];

/** Moves x [N, H, W, C] up and to the left by this much; what leaves it comes in on the other side. */
function roll(x: tf.Tensor, by: Size): tf.Tensor {
  return by.reduce((moved, distance, i) => {
    const [axis, length] = [i + 1, moved.shape[i + 1]!];
    const first = ((distance % length) + length) % length;
    if (first === 0) return moved;
    const [head, tail] = tf.split(moved, [first, length - first], axis) as [tf.Tensor, tf.Tensor];
    return tf.concat([tail, head], axis);
  }, x);
}

/** Images [N, H, W, C] to the tokens of their windows, [N windows, h w, C], row by row. */
export function toWindows(x: tf.Tensor, grid: Grid): tf.Tensor {
  const [down, across] = tiles(grid);
  const [height, width] = grid.window;
  const [images, channels] = [x.shape[0], x.shape[3]!];
  const apart = tf.reshape(roll(x, grid.shift), [images * down, height, across, width * channels]);
  const ordered = tf.transpose(apart, [0, 2, 1, 3]);
  return tf.reshape(ordered, [images * down * across, height * width, channels]);
}

/** The opposite: [N windows, h w, C] -> [N, H, W, C]. */
export function fromWindows(tokens: tf.Tensor, grid: Grid): tf.Tensor {
  const [down, across] = tiles(grid);
  const [height, width] = grid.window;
  const images = tokens.shape[0] / (down * across);
  const channels = tokens.shape[2]!;
  const apart = tf.reshape(tokens, [images * down, across, height, width * channels]);
  const image = tf.reshape(tf.transpose(apart, [0, 2, 1, 3]), [images, ...grid.image, channels]);
  return roll(image, [-grid.shift[0], -grid.shift[1]]);
}

/** The place in the image of each token of each window, [y, x], after the shift. */
function places(grid: Grid): (readonly [y: number, x: number])[][] {
  const [down, across] = tiles(grid);
  const [height, width] = grid.window;
  return Array.from({ length: down * across }, (_, n) => {
    const [top, left] = [Math.floor(n / across) * height, (n % across) * width];
    return Array.from({ length: height * width }, (_, t) => [
      top + Math.floor(t / width),
      left + (t % width),
    ]);
  });
}

/** Masked scores are lowered by this much, as in the authors' code. */
const MASKED = -100;

/** [windows, T, T]: zero where two tokens of a window are of one region of the image, else what hides them from each other. */
export function shiftMask(grid: Grid): Float32Array {
  const { image, shift } = grid;
  /** What came in from the other side is another region. */
  const cameAround = (place: number, axis: 0 | 1): boolean => place >= image[axis] - shift[axis];
  const region = ([y, x]: readonly [number, number]): number =>
    (cameAround(y, 0) ? 2 : 0) + (cameAround(x, 1) ? 1 : 0);
  return Float32Array.from(
    places(grid).flatMap((window) => {
      const regions = window.map(region);
      return regions.flatMap((a) => regions.map((b) => (a === b ? 0 : MASKED)));
    }),
  );
}

/** How many relative positions two tokens of a window can have. */
export const relativePositions = ([height, width]: Size): number => (2 * height - 1) * (2 * width - 1);

/** For each pair of tokens of a window, [T, T], the number of the position of the first relative to the second. */
export function relativePositionIndex([height, width]: Size): Int32Array {
  const tokens = Array.from(
    { length: height * width },
    (_, t) => [Math.floor(t / width), t % width] as const,
  );
  const number = (dy: number, dx: number): number => (dy + height - 1) * (2 * width - 1) + dx + width - 1;
  return Int32Array.from(tokens.flatMap(([y, x]) => tokens.map(([v, u]) => number(y - v, x - u))));
}
