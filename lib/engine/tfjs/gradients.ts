/** Gradients that tfjs has wrong or lacks, registered once. */
import * as tf from '@tensorflow/tfjs';

/** Sums over the batch axes along which an operand of the product was broadcast. */
function unbroadcast(gradient: tf.Tensor, shape: readonly number[]): tf.Tensor {
  const axes = shape.flatMap((length, axis) =>
    axis < shape.length - 2 && length === 1 && gradient.shape[axis] !== 1 ? [axis] : [],
  );
  return axes.length > 0 ? tf.sum(gradient, axes, true) : gradient;
}

// tfjs multiplies batches of matrices with broadcasting, [1, B, I] x [S, I, O], but gives the gradient of the broadcast
// operand the shape of the product
tf.unregisterGradient('BatchMatMul');
tf.registerGradient({
  kernelName: 'BatchMatMul',
  inputsToSave: ['a', 'b'],
  gradFunc: (dy, saved, attributes) => {
    const [a, b] = saved as [tf.Tensor, tf.Tensor];
    const { transposeA, transposeB } = attributes as { transposeA: boolean; transposeB: boolean };
    const d = dy as tf.Tensor;
    return {
      a: () =>
        unbroadcast(
          transposeA ? tf.matMul(b, d, transposeB, true) : tf.matMul(d, b, false, !transposeB),
          a.shape,
        ),
      b: () =>
        unbroadcast(
          transposeB ? tf.matMul(d, a, true, transposeA) : tf.matMul(a, d, !transposeA, false),
          b.shape,
        ),
    };
  },
});

// what undoes a split or an unstack is given the gradients of its parts in a list, but of a single part without one
tf.unregisterGradient('SplitV');
tf.registerGradient({
  kernelName: 'SplitV',
  gradFunc: (dy, _, attributes) => ({ x: () => tf.concat([dy].flat(), attributes['axis'] as number) }),
});
tf.unregisterGradient('Unpack');
tf.registerGradient({
  kernelName: 'Unpack',
  gradFunc: (dy, _, attributes) => ({ value: () => tf.stack([dy].flat(), attributes['axis'] as number) }),
});
