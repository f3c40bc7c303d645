import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { CredenceError } from '../errors';
import { count, positive, validate } from '../validate';
import type { Layer } from './layer';
import { printed } from './printed';

/** Options of `layers.positionEncoding`. */
export interface PositionOptions {
  /** Rows and columns of the grid that the tokens lie on, row by row. Default: a square. */
  grid?: readonly [rows: number, columns: number];
  /** The wavelengths go from 2 pi to 2 pi times this. Default 10000. */
  temperature?: number;
}

const gridRule = 'must be two whole numbers of at least 1: [rows, columns]';
const options = v.strictObject({
  grid: v.optional(v.strictTuple([count(1), count(1)], gridRule)),
  temperature: v.optional(positive(), 10000),
});

/** [sin x w, cos x w, sin y w, cos y w] of each place of a grid, row-major, with the frequencies w = temperature^(-i / (D/4 - 1)). */
function sinCos(
  [rows, columns]: readonly [number, number],
  features: number,
  temperature: number,
): Float32Array {
  const quarter = features / 4;
  const values = new Float32Array(rows * columns * features);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const at = (y * columns + x) * features;
      for (let i = 0; i < quarter; i++) {
        const frequency = temperature ** (-i / (quarter - 1));
        values[at + i] = Math.sin(x * frequency);
        values[at + quarter + i] = Math.cos(x * frequency);
        values[at + 2 * quarter + i] = Math.sin(y * frequency);
        values[at + 3 * quarter + i] = Math.cos(y * frequency);
      }
    }
  }
  return values;
}

/**
 * Adds the fixed two-dimensional sine-cosine encoding of SimpleViT (Beyer, Zhai and Kolesnikov 2022) to tokens [T, D].
 * @throws CredenceError E_OPTION; when built, E_SHAPE if the tokens are not those of the grid, or D is no multiple of 4 from 8 on
 */
export function positionEncoding(given: PositionOptions = {}): Layer {
  const { grid, temperature } = validate(options, given, 'layers.positionEncoding');
  return printed('positionEncoding', [given], {
    name: 'positionEncoding',
    build(inputShape) {
      const [tokens, features] = inputShape;
      if (tokens === undefined || features === undefined || inputShape.length !== 2) {
        throw new CredenceError(
          'E_SHAPE',
          `layers.positionEncoding needs inputs of shape [tokens, features], got [${inputShape.join(', ')}]`,
        );
      }
      if (features % 4 !== 0 || features < 8) {
        throw new CredenceError(
          'E_SHAPE',
          `layers.positionEncoding needs a number of features that is a multiple of 4 and at least 8, got ${features}`,
        );
      }
      const [rows, columns] = grid ?? [Math.sqrt(tokens), Math.sqrt(tokens)];
      if (rows * columns !== tokens || !Number.isInteger(rows)) {
        throw new CredenceError(
          'E_SHAPE',
          `layers.positionEncoding: ${tokens} tokens do not make a ${grid ? `grid of ${rows} x ${columns}` : "square: set option 'grid' to [rows, columns]"}`,
        );
      }
      const encoding = sinCos([rows, columns], features, temperature);
      return {
        parameters: [],
        outputShape: inputShape,
        apply: (_, x) => tf.add(x, tf.tensor2d(encoding, [tokens, features])),
      };
    },
  });
}
