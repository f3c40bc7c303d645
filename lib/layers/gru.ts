import * as tf from '@tensorflow/tfjs';
import { fuse } from '../engine/compile/fuse';
import type { Layer } from './layer';
import { type Cell, gatesOf, recurrent, type RecurrentOptions } from './recurrent';

const cell: Cell = {
  name: 'gru',
  gates: 3,
  states: 1,
  recurrentBias: true,
  next: fuse<Cell['next']>((input, recurrent, output) => {
    const [resetInput, updateInput, candidateInput] = gatesOf(input, 3) as [tf.Tensor, tf.Tensor, tf.Tensor];
    const [resetState, updateState, candidateState] = gatesOf(recurrent, 3) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ];
    const reset = tf.sigmoid(tf.add(resetInput, resetState));
    const update = tf.sigmoid(tf.add(updateInput, updateState));
    const candidate = tf.tanh(tf.add(candidateInput, tf.mul(reset, candidateState)));
    return [tf.add(candidate, tf.mul(update, tf.sub(output, candidate)))];
  }),
};

/**
 * Gated recurrent unit (Cho et al. 2014; with the reset gate after the map of the state, as PyTorch and cuDNN have it) over sequences
 * [T, C]. Parameters: 'kernel' [C, 3 units], 'recurrentKernel' [units, 3 units], 'bias' and 'recurrentBias' [3 units], whose columns are
 * the reset gate, the update gate and the candidate: PyTorch's order.
 * @throws CredenceError E_OPTION; when built, E_SHAPE if the input is no sequence
 */
export const gru = (given: RecurrentOptions): Layer => recurrent(cell, given);
