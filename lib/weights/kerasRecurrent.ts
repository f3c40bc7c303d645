/** Recurrent layers of Keras. */
import * as v from 'valibot';
import * as layers from '../layers';
import { ndarray, type NdArray } from '../ndarray';
import { count } from '../validate';
import { biased, type Config, type Converted, off, only, read, type Take, yes } from './kerasSettings';

const recurrent = {
  units: count(1),
  activation: only('tanh'),
  recurrent_activation: v.literal('sigmoid', "can only be 'sigmoid'"),
  use_bias: yes,
  return_sequences: v.nullish(v.boolean(), false),
  return_state: off,
  go_backwards: off,
  stateful: off,
  dropout: only(0),
  recurrent_dropout: only(0),
};

export function lstm(config: Config, take: Take): Converted {
  const { units, use_bias, return_sequences } = read(v.object(recurrent), config);
  return {
    layer: layers.lstm({ units, returnSequences: return_sequences, bias: use_bias, bayesian: false }),
    weights: { kernel: take('kernel'), recurrentKernel: take('recurrent_kernel'), ...biased(use_bias, take) },
  };
}

/** Keras has the update gate first, then the reset gate. */
function gatesSwapped(array: NdArray, units: number): NdArray {
  const order = [1, 0, 2];
  const values = Float32Array.from(array, (_, i) => {
    const [row, column] = [Math.floor(i / (3 * units)), i % (3 * units)];
    return array[row * 3 * units + order[Math.floor(column / units)]! * units + (column % units)]!;
  });
  return ndarray(values, array.shape);
}

export function gru(config: Config, take: Take): Converted {
  const reset = v.literal(
    true,
    'can only be true: here the reset gate comes after the map of the state, as in PyTorch and cuDNN',
  );
  const { units, use_bias, return_sequences } = read(v.object({ ...recurrent, reset_after: reset }), config);
  const part = (name: string): NdArray => gatesSwapped(take(name), units);
  const rows = (): Record<string, NdArray> => {
    const both = part('bias'); // [2, 3 units]: of the input, and of the state
    const row = (i: number): NdArray => ndarray(both.slice(3 * units * i, 3 * units * (i + 1)), [3 * units]);
    return { bias: row(0), recurrentBias: row(1) };
  };
  return {
    layer: layers.gru({ units, returnSequences: return_sequences, bias: use_bias, bayesian: false }),
    weights: {
      kernel: part('kernel'),
      recurrentKernel: part('recurrent_kernel'),
      ...(use_bias && rows()),
    },
  };
}
