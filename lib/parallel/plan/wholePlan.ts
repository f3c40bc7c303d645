import * as tf from '@tensorflow/tfjs';
import { gatherRows } from '../../engine/compile/gather';
import { repeat } from '../../engine/compile/repeat';
import { type TensorSpec, trace } from '../../engine/compile/trace';
import type { CompiledFunction } from '../../engine/native/functions';
import type { Batch, Program } from '../../inference/method';
import { stateLengths } from './state';
import type { StepShapes } from './stepShapes';
import {
  counted,
  floats,
  gathered,
  inputSpecs,
  lengthsOf,
  lossesOf,
  numbered,
  type StepSpec,
} from './stepSpec';

/**
 * The step of a lone worker that makes it by one call.
 *
 *   whole:    x, y, rows, keys, step, ...vectors, ...slots -> nll, kl, ...vectors, ...slots
 *   several:  x, y, rows, keys, step, ...vectors, ...slots -> nlls, kls, ...vectors, ...slots
 *
 * `several` makes some steps a call, where a step is so small that calling it is what takes time: then rows and keys have a leading
 * axis, one place for each step, as the losses have.
 */
export interface WholePlan {
  kind: 'whole';
  whole: CompiledFunction;
  several: CompiledFunction | undefined;
}

/** What the functions take, as tensors or as descriptions of them. */
type Taken<T> = [x: T, y: T, rows: T, keys: T, step: T, ...state: T[]];

/** Elements that a small step computes at most. */
const SMALL_STEP = 4e6;

/** Steps of one call, where a step is small. */
export const STEPS_PER_CALL = 16;

/**
 * Whether calling a step takes longer than computing it. Then XLA may make one program of all of it, matrix products and loop; larger
 * steps it computes more slowly than TensorFlow's kernels.
 */
export const isSmall = ({ elements }: CompiledFunction): boolean => elements < SMALL_STEP;

/** `STEPS_PER_CALL` calls of a step in one: x, y, rows, keys, first step, ...state -> nlls, kls, ...state. */
function repeated(whole: (...args: tf.Tensor[]) => tf.Tensor[], args: readonly tf.Tensor[]): tf.Tensor[] {
  const [x, y, rows, keys, first, ...state] = args as Taken<tf.Tensor>;
  // the data of all steps are chosen before: what a loop reads is copied for it, and the data set may be large
  const chosen = (all: tf.Tensor): tf.Tensor => gatherRows(all, tf.reshape(rows, [rows.size]));
  const [xs, ys] = [chosen(x), chosen(y)];
  const batch = rows.shape[1]!;
  const none = tf.zeros([STEPS_PER_CALL]);
  const body = (round: tf.Tensor, ...[nlls, kls, ...state]: tf.Tensor[]): tf.Tensor[] => {
    const own = tf.add(tf.range(0, batch, 1, 'int32'), tf.mul(round, tf.scalar(batch, 'int32')));
    const ownKeys = tf.reshape(gatherRows(keys, tf.reshape(round, [1])), keys.shape.slice(1));
    const [nll, kl, ...next] = whole(xs, ys, own, ownKeys, tf.add(first, round), ...state) as [
      tf.Tensor,
      tf.Tensor,
      ...tf.Tensor[],
    ];
    const here = tf.equal(tf.range(0, STEPS_PER_CALL, 1, 'int32'), round);
    return [tf.where(here, nll, nlls!), tf.where(here, kl, kls!), ...next];
  };
  return repeat(STEPS_PER_CALL, body, [none, none, ...state]);
}

/** Gradients and update of a lone worker as one function, and what it takes. */
function wholeStep(spec: StepSpec) {
  const { program, shapes } = spec;
  const lengths = lengthsOf(program);
  const specs = [
    ...inputSpecs(spec, shapes.batch, program.samples),
    ...floats(stateLengths(lengths, program.slots)),
  ];
  const whole = (...args: tf.Tensor[]): tf.Tensor[] => {
    const [x, y, rows, keys, step, ...state] = args as Taken<tf.Tensor>;
    const vectors = state.slice(0, lengths.length);
    const first = tf.scalar(0, 'int32');
    const number = counted(step);
    const batch: Batch = {
      ...gathered(x, y, rows),
      keys,
      numbers: numbered(first, program.samples),
      first,
      step: number,
      size: shapes.batch,
    };
    const [losses, ...gradients] = program.gradients(vectors, batch);
    const [kl, ...next] = program.update(gradients, vectors, state.slice(lengths.length), number);
    return [...lossesOf(losses!, kl!), ...next];
  };
  return { whole, specs };
}

/** Whether one worker makes the steps of a program sooner than several that wait for each other at every step. */
export function isSmallProgram(program: Program, shapes: StepShapes): boolean {
  const numbers = program.samples * program.vectors.reduce((sum, { length }) => sum + length, 0);
  if (numbers > SMALL_STEP) return false; // drawing the samples alone is more than that
  const { whole, specs } = wholeStep({ program, shapes, augmenter: undefined });
  return isSmall(trace(whole, specs));
}

/** The step of a lone worker that makes it by one call. */
export function planWhole(spec: StepSpec): WholePlan {
  const { whole, specs } = wholeStep(spec);
  const one = trace(whole, specs);
  if (!isSmall(one)) return { kind: 'whole', whole: one, several: undefined };
  const [x, y, rows, keys, step, ...state] = specs as Taken<TensorSpec>;
  const many = [rows, keys].map((each) => ({ ...each, shape: [STEPS_PER_CALL, ...each.shape] }));
  const several = (...args: tf.Tensor[]): tf.Tensor[] => repeated(whole, args);
  return {
    kind: 'whole',
    whole: trace(whole, specs, { xla: 'never' }), // for the few steps that are left: not worth a compiler
    several: trace(several, [x, y, ...many, step, ...state], { xla: true }),
  };
}
