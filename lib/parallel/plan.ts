import * as tf from '@tensorflow/tfjs';
import { gatherRows } from '../engine/compile/gather';
import type { CompiledFunction } from '../engine/native/functions';
import { repeat } from '../engine/compile/repeat';
import { trace, type TensorSpec } from '../engine/compile/trace';
import type { Program } from '../inference/method';
import type { NdArray, Shape } from '../ndarray';
import { stateShapes } from './state';

/** Shapes of what a step reads. */
export interface StepShapes {
  /** [N, ...]: the whole data set; the batch is gathered inside the step. */
  x: Shape;
  y: Shape;
  yType: 'int32' | 'float32';
  batch: number;
}

/** @param batch the number of data in each step */
export const stepShapes = (
  { x, y, yShape }: { x: NdArray; y: Int32Array | Float32Array; yShape: Shape },
  batch: number,
): StepShapes => ({
  x: x.shape,
  y: yShape,
  yType: y instanceof Int32Array ? 'int32' : 'float32',
  batch,
});

/**
 * The compiled training step for one number of samples.
 *
 *   gradients: x, y, rows, keys, ...vectors                  -> nll, ...gradients
 *   update:    step, ...gradients, ...vectors, ...slots      -> kl, ...vectors, ...slots
 *   whole:     x, y, rows, keys, step, ...vectors, ...slots  -> nll, kl, ...vectors, ...slots
 *   several:   x, y, rows, keys, step, ...vectors, ...slots  -> nlls, kls, ...vectors, ...slots
 *
 * A lone worker runs `whole` (one call a step), or `several` steps a call where a step is so small that calling it is what takes
 * time: then rows and keys have a leading axis, one place for each step, as the losses have. Several workers run `gradients`,
 * add theirs up, and run `update`.
 */
export type StepPlan =
  | { kind: 'whole'; whole: CompiledFunction; several: CompiledFunction | undefined }
  | { kind: 'split'; gradients: CompiledFunction; update: CompiledFunction };

/** Elements that a small step computes at most. */
const SMALL_STEP = 4e6;

/** Steps of one call, where a step is small. */
export const STEPS_PER_CALL = 16;

const scalar: TensorSpec = { shape: [], dtype: 'int32' };
const floats = (shapes: readonly Shape[]): TensorSpec[] =>
  shapes.map((shape) => ({ shape, dtype: 'float32' }));

/**
 * Whether calling a step takes longer than computing it. Then XLA may make one program of all of it, matrix products and loop; larger
 * steps it computes more slowly than TensorFlow's kernels.
 */
const isSmall = ({ elements }: CompiledFunction): boolean => elements < SMALL_STEP;

/** `STEPS_PER_CALL` calls of a step in one: x, y, rows, keys, first step, ...state -> nlls, kls, ...state. */
function repeated(whole: (...args: tf.Tensor[]) => tf.Tensor[], args: readonly tf.Tensor[]): tf.Tensor[] {
  const [x, y, rows, keys, first, ...state] = args as [
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
    ...tf.Tensor[],
  ];
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

type Inputs = [x: tf.Tensor, y: tf.Tensor, rows: tf.Tensor, keys: tf.Tensor];

/** The parts of a step as functions of tensors, and what they take. */
function partsOf(program: Program, shapes: StepShapes, samples: number) {
  const vectors = program.vectors.map(({ length }) => [length]);
  const inputs: [TensorSpec, TensorSpec, TensorSpec, TensorSpec] = [
    { shape: shapes.x, dtype: 'float32' },
    { shape: shapes.y, dtype: shapes.yType },
    { shape: [shapes.batch], dtype: 'int32' },
    { shape: [program.streams, samples, 2], dtype: 'int32' },
  ];
  const gradients = (...args: tf.Tensor[]): tf.Tensor[] => {
    const [x, y, rows, keys] = args.slice(0, inputs.length) as Inputs;
    const batch = {
      x: gatherRows(x, rows),
      y: gatherRows(y, rows),
      keys,
      first: tf.scalar(0, 'int32'),
      size: shapes.batch,
    };
    return program.gradients(args.slice(inputs.length), batch);
  };
  const update = (...[step, ...rest]: tf.Tensor[]): tf.Tensor[] => {
    const count = tf.cast(tf.add(step!, tf.scalar(1, 'int32')), 'float32');
    const part = (i: number): tf.Tensor[] => rest.slice(i * vectors.length, (i + 1) * vectors.length);
    return program.update(part(0), part(1), rest.slice(2 * vectors.length), count);
  };
  const whole = (...args: tf.Tensor[]): tf.Tensor[] => {
    const [step, ...state] = args.slice(inputs.length) as [tf.Tensor, ...tf.Tensor[]];
    const [nll, ...sums] = gradients(...args.slice(0, inputs.length), ...state.slice(0, vectors.length));
    return [nll!, ...update(step, ...sums, ...state)];
  };
  const state = floats(stateShapes(vectors, program.slots));
  return { inputs, vectors: floats(vectors), state, gradients, update, whole };
}

/** Whether one worker makes the steps of a program sooner than several that wait for each other at every step. */
export function isSmallProgram(program: Program, shapes: StepShapes): boolean {
  const numbers = program.samples * program.vectors.reduce((sum, { length }) => sum + length, 0);
  if (numbers > SMALL_STEP) return false; // drawing the samples alone is more than that
  const { inputs, state, whole } = partsOf(program, shapes, program.samples);
  return isSmall(trace(whole, [...inputs, scalar, ...state]));
}

/** Traces the step of a program for `samples` of its samples. */
export function planStep(program: Program, shapes: StepShapes, samples: number, alone: boolean): StepPlan {
  const { inputs, vectors, state, gradients, update, whole } = partsOf(program, shapes, samples);
  if (!alone) {
    return {
      kind: 'split',
      gradients: trace(gradients, [...inputs, ...vectors]),
      update: trace(update, [scalar, ...vectors, ...state]),
    };
  }
  const specs = [...inputs, scalar, ...state];
  const one = trace(whole, specs);
  if (!isSmall(one)) return { kind: 'whole', whole: one, several: undefined };
  const [x, y, rows, keys] = inputs;
  const many = [rows, keys].map((spec) => ({ ...spec, shape: [STEPS_PER_CALL, ...spec.shape] }));
  const several = (...args: tf.Tensor[]): tf.Tensor[] => repeated(whole, args);
  return {
    kind: 'whole',
    whole: trace(whole, specs, { xla: 'never' }), // for the few steps that are left: not worth a compiler
    several: trace(several, [x, y, ...many, scalar, ...state], { xla: true }),
  };
}
