import assert from 'node:assert/strict';
import { randomCrop, randomFlip } from '../../lib/augmentations';
import type { NdArray } from '../../lib/ndarray';
import { refuses } from '../refuses';
import { augment, counted } from './augment';

/** Image b of images [B, H, W, C] as nested rows of pixels. */
function image(
  values: ArrayLike<number>,
  [, height, width, channels]: readonly number[],
  b: number,
): string[][] {
  return Array.from({ length: height! }, (_, i) =>
    Array.from({ length: width! }, (_, j) => {
      const at = ((b * height! + i) * width! + j) * channels!;
      return Array.from({ length: channels! }, (_, c) => values[at + c]).join();
    }),
  );
}

/** The window of an image's size that lies so many pixels below and to the right of the corner, beside the image all zero. */
const window = (pixels: string[][], down: number, right: number, zero: string): string[][] =>
  pixels.map((row, i) => row.map((_, j) => pixels[i + down]?.[j + right] ?? zero));

/** Which window of each padded image the crop is, as numbers of rows and columns; fails if it is none, or not one. */
function offsets(x: NdArray, cropped: Float32Array, padding: number): [down: number, right: number][] {
  const zero = new Array(x.shape[3]).fill(0).join();
  const moves = Array.from({ length: 2 * padding + 1 }, (_, i) => i - padding);
  return Array.from({ length: x.shape[0]! }, (_, b) => {
    const [before, after] = [image(x, x.shape, b), JSON.stringify(image(cropped, x.shape, b))];
    const found = moves.flatMap((down) =>
      moves
        .filter((right) => JSON.stringify(window(before, down, right, zero)) === after)
        .map((right): [number, number] => [down, right]),
    );
    assert.equal(found.length, 1, `image ${b} is ${found.length} windows of the padded one`);
    return found[0]!;
  });
}

describe('augmentations: randomCrop', () => {
  it('is a window of the padded image, and every place equally likely', () => {
    const [images, padding] = [5000, 2];
    const x = counted([images, 4, 5, 2]);
    const tally = new Map<string, number>();
    for (const offset of offsets(x, augment([randomCrop({ padding })], x), padding)) {
      tally.set(String(offset), (tally.get(String(offset)) ?? 0) + 1);
    }
    assert.equal(tally.size, 25);
    const expected = images / 25;
    const chiSquare = [...tally.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
    // quantiles 0.0005 and 0.9995 of the chi-square distribution with 24 degrees of freedom
    assert.ok(chiSquare > 7.5 && chiSquare < 53.5, `chi-square ${chiSquare}`);
  });

  it('reaches further than the image is large', () => {
    const x = counted([40, 1, 1, 3]);
    const cropped = augment([randomCrop({ padding: 1 })], x);
    for (let b = 0; b < 40; b++) {
      const pixel = [...cropped.subarray(3 * b, 3 * b + 3)];
      assert.ok(
        pixel.every((value) => value === 0) || String(pixel) === String([...x.subarray(3 * b, 3 * b + 3)]),
      );
    }
    const kept = cropped.filter((value) => value !== 0).length / 3;
    assert.ok(kept > 0 && kept < 20, `${kept} of 40 where one in nine is expected`);
  });

  it('refuses what is no image, and padding that is none', () => {
    refuses(
      () => randomCrop({ padding: 4 }).build([784]),
      'E_SHAPE',
      /^augmentations\.randomCrop needs images of shape \[height, width, channels\], got \[784\]: give data of/,
    );
    refuses(
      () => randomCrop({ padding: 0 }),
      'E_OPTION',
      /'padding' must be a whole number of at least 1, got 0/,
    );
    refuses(() => randomCrop({ pading: 4 } as never), 'E_OPTION', /Did you mean 'padding'/);
  });
});

describe('augmentations: randomFlip', () => {
  const flips = (images: number, probability?: number): number => {
    const x = counted([images, 3, 4, 2]);
    const changed = augment([randomFlip({ probability })], x);
    return Array.from({ length: images }, (_, b) => {
      const [before, after] = [image(x, x.shape, b), image(changed, x.shape, b)];
      const mirrored = before.map((row) => [...row].reverse());
      const flipped = String(after) === String(mirrored);
      assert.ok(
        flipped || String(after) === String(before),
        `image ${b} is neither itself nor its mirror image`,
      );
      return Number(flipped);
    }).reduce((sum, each) => sum + each, 0);
  };

  it('mirrors left and right, by default half of the images', () => {
    const n = 2000;
    for (const [probability, p] of [
      [undefined, 0.5],
      [0.2, 0.2],
    ] as const) {
      const share = flips(n, probability) / n;
      assert.ok(Math.abs(share - p) < 4 * Math.sqrt((p * (1 - p)) / n), `${share} instead of ${p}`); // 4 standard errors
    }
  });

  it('mirrors none or all if told so', () => {
    assert.deepEqual([flips(50, 0), flips(50, 1)], [0, 50]);
  });

  it('refuses what is no image, and a probability that is none', () => {
    refuses(
      () => randomFlip().build([28, 28]),
      'E_SHAPE',
      /^augmentations\.randomFlip needs images.*got \[28, 28\]/,
    );
    refuses(
      () => randomFlip({ probability: 1.5 }),
      'E_OPTION',
      /'probability' must be a number from 0 to 1, got 1.5/,
    );
  });
});
