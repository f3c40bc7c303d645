import * as tf from '@tensorflow/tfjs';
import { backend } from '../../lib/engine/tfjs/backend';
import { rmsNorm } from '../../lib/layers';
import { assertClose } from '../golden';
import { applied, outputAndGradients } from './evaluate';

const EPSILON = 0.1;

/** <rmsNorm(x) scale, dy> of one row, in double precision. */
function weighted(x: readonly number[], scale: readonly number[], dy: readonly number[]): number {
  const square = x.reduce((sum, value) => sum + value ** 2, 0) / x.length;
  return x.reduce((sum, value, i) => sum + (dy[i]! * scale[i]! * value) / Math.sqrt(square + EPSILON), 0);
}

/** The gradient of f by central differences. */
const slopes = (f: (x: readonly number[]) => number, at: readonly number[]): number[] =>
  at.map((_, i) => {
    const moved = (by: number): number[] => at.map((value, j) => (i === j ? value + by : value));
    return (f(moved(1e-6)) - f(moved(-1e-6))) / 2e-6;
  });

describe('layers: rmsNorm', () => {
  before(() => {
    backend();
  });

  it('is x / sqrt(mean(x^2) + epsilon) times the scale, with gradients by central differences', () => {
    const [x, scale, dy] = [
      [0.5, -1.5, 2, 0.25],
      [1, 0.5, -2, 3],
      [0.3, -0.7, 1.1, 0.9],
    ] as const;
    const { output, grad_x, grad_scale } = outputAndGradients(
      applied(rmsNorm({ epsilon: EPSILON }), [4]),
      { x: tf.tensor3d([...x], [1, 1, 4]), scale: tf.tensor2d([...scale], [1, 4]) },
      tf.tensor3d([...dy], [1, 1, 4]),
    );
    const root = Math.sqrt((0.25 + 2.25 + 4 + 0.0625) / 4 + EPSILON);
    assertClose(output!.dataSync(), x.map((value, i) => (value * scale[i]!) / root), 1e-6, 'output'); // prettier-ignore
    assertClose(grad_x!.dataSync(), slopes((x) => weighted(x, scale, dy), x), 1e-6, 'grad_x'); // prettier-ignore
    assertClose(grad_scale!.dataSync(), slopes((scale) => weighted(x, scale, dy), scale), 1e-6, 'grad_scale'); // prettier-ignore
  });
});
