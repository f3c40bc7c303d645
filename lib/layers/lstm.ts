import * as tf from '@tensorflow/tfjs';
import { fuse } from '../engine/compile/fuse';
import type { Layer } from './layer';
import { type Cell, gatesOf, recurrent, type RecurrentOptions } from './recurrent';

const cell: Cell = {
  name: 'lstm',
  gates: 4,
  states: 2,
  recurrentBias: false,
  next: fuse<Cell['next']>((input, recurrent, _, memory) => {
    const [i, f, g, o] = gatesOf(tf.add(input, recurrent), 4) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    const next = tf.add(tf.mul(tf.sigmoid(f), memory), tf.mul(tf.sigmoid(i), tf.tanh(g)));
    return [tf.mul(tf.sigmoid(o), tf.tanh(next)), next];
  }),
};

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997; with the forget gate of Gers et al. 2000) over sequences [T, C]. Parameters:
 * 'kernel' [C, 4 units], 'recurrentKernel' [units, 4 units] and 'bias' [4 units], whose columns are the input gate, the forget gate, the
 * candidate and the output gate: PyTorch's order; its two biases are one here, their sum.
 * @throws CredenceError E_OPTION; when built, E_SHAPE if the input is no sequence
 */
export const lstm = (given: RecurrentOptions): Layer => recurrent(cell, given);
