/** What recurrent layers share: a cell that reads a sequence step by step, with one draw of its weights for the whole sequence. */
import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { CredenceError } from '../errors';
import { count, validate } from '../validate';
import { activate } from './activation';
import type { Layer, Parameter } from './layer';
import { printed } from './printed';

/** Options of `layers.lstm` and `layers.gru`. */
export interface RecurrentOptions {
  /** Length of the state, and of the outputs. */
  units: number;
  /** Give the output of every step, [T, units] (true), or of the last one, [units] (false). Default false. */
  returnSequences?: boolean;
  /** Learn a distribution over the weights (true) or one value for each (false). Default true. */
  bayesian?: boolean;
  /** Add learned biases. Default true. */
  bias?: boolean;
}

const options = v.strictObject({
  units: count(1),
  returnSequences: v.optional(v.boolean(), false),
  bayesian: v.optional(v.boolean(), true),
  bias: v.optional(v.boolean(), true),
});

export interface Cell {
  name: string;
  /** Maps of the input and of the state that it needs, side by side in its kernels. */
  gates: number;
  /** Tensors of its state; the first is its output. */
  states: number;
  /** Whether the map of the state has biases of its own, which cannot be merged with those of the input. */
  recurrentBias: boolean;
  /**
   * The next state.
   * @param input maps of the input, [S, B, gates units]
   * @param recurrent maps of the output of the step before
   */
  next(input: tf.Tensor, recurrent: tf.Tensor, ...state: tf.Tensor[]): tf.Tensor[];
}

/** The parts of z [..., parts units] along the last axis. */
export const gatesOf = (z: tf.Tensor, parts: number): tf.Tensor[] => tf.split(z, parts, -1);

/** The maps of all steps at once, one tensor [S or 1, B, gates units] for each. */
function inputMaps(x: tf.Tensor, kernel: tf.Tensor, bias?: tf.Tensor): tf.Tensor[] {
  const [samples, batch, steps, features] = x.shape as [number, number, number, number];
  const ordered = tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [samples, steps * batch, features]);
  return tf.split(activate('linear', tf.matMul(ordered, kernel), bias), steps, 1);
}

function run(
  next: Cell['next'],
  states: number,
  maps: readonly tf.Tensor[],
  kernel: tf.Tensor,
  bias?: tf.Tensor,
): tf.Tensor[] {
  const [first] = maps as readonly [tf.Tensor];
  const samples = Math.max(first.shape[0], kernel.shape[0]);
  const start = tf.zeros([samples, first.shape[1]!, kernel.shape[1]!]);
  let state = Array.from({ length: states }, () => start);
  return maps.map((map) => {
    const recurrent = activate('linear', tf.matMul(state[0]!, kernel), bias);
    state = next(map, recurrent, ...state);
    return state[0]!;
  });
}

/**
 * A layer of this cell over sequences [T, C]. Whatever the estimator, a sample of the weights is drawn once and used at every step
 * (Fortunato, Blundell and Vinyals 2017): noise that differed from step to step would be another model.
 * @throws CredenceError E_OPTION; when built, E_SHAPE if the input is no sequence
 */
export function recurrent(
  { name, gates, states, recurrentBias, next }: Cell,
  given: RecurrentOptions,
): Layer {
  const { units, returnSequences, bayesian, bias } = validate(options, given, `layers.${name}`);
  return printed(name, [given], {
    name,
    build(inputShape) {
      const [steps, features] = inputShape;
      if (steps === undefined || features === undefined || inputShape.length !== 2) {
        throw new CredenceError(
          'E_SHAPE',
          `layers.${name} needs sequences of shape [steps, features], got [${inputShape.join(', ')}]: give data of shape [N, steps, features]`,
        );
      }
      const kernel: Parameter = {
        name: 'kernel',
        shape: [features, gates * units],
        bayesian,
        fanIn: units,
        initial: 'uniform',
      };
      const biases = [bias && 'bias', bias && recurrentBias && 'recurrentBias'].filter(
        (name) => name !== false,
      );
      return {
        parameters: [
          kernel,
          { ...kernel, name: 'recurrentKernel', shape: [units, gates * units] },
          ...biases.map((name) => ({ ...kernel, name, shape: [gates * units] })),
        ],
        outputShape: returnSequences ? [steps, units] : [units],
        apply(draw, x) {
          const [ofInput, ofState] = ['bias', 'recurrentBias'].map((name) =>
            biases.includes(name) ? draw.value(name) : undefined,
          );
          const maps = inputMaps(x, draw.value('kernel'), ofInput);
          const outputs = run(next, states, maps, draw.value('recurrentKernel'), ofState);
          return returnSequences ? tf.stack(outputs, 2) : outputs.at(-1)!;
        },
      };
    },
  });
}
