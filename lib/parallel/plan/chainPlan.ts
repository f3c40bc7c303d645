import * as tf from '@tensorflow/tfjs';
import { repeat } from '../../engine/compile/repeat';
import { type TensorFunction, type TensorSpec, trace } from '../../engine/compile/trace';
import type { CompiledFunction } from '../../engine/native/functions';
import type { Sampler } from '../../inference/chains/chain';
import { type ChainLayout, dimensionOf } from '../../inference/chains/layout';
import type { Hamiltonian } from '../../inference/method';
import type { Share } from './schedule';
import { floats, type StepSpec } from './stepSpec';
import { isSmall } from './wholePlan';

/**
 * The step of a worker that makes an iteration of each of its chains, by itself: workers meet after it only to agree on what comes next.
 *
 *   potential:  q, x, y                                    -> [nll, nlp, ...gradient]
 *   leaps:      q, p, gradient, step size, variances, x, y -> [LEAPS, (nll, nlp, ...q, ...p, ...gradient)]
 *
 * One chain at a time, so that its numbers, which grow apart from the slightest difference, are the same whatever chains are beside it.
 */
export interface ChainPlan {
  kind: 'chains';
  potential: CompiledFunction;
  /** Several leapfrog steps in one call, where calling it is what takes time. */
  leaps: CompiledFunction | undefined;
  sampler: Sampler;
  layout: ChainLayout;
  /** The numbers of its chains, and how many there are of all workers. */
  own: readonly number[];
  chains: number;
}

/** Leapfrog steps of one call. */
export const LEAPS = 16;

type Leap = [q: T, p: T, gradient: T, stepSize: T, variances: T, x: T, y: T];
type T = tf.Tensor;

/** `leapfrog` of lib/inference/chains, several times, in single precision. */
const leapsOf =
  (potential: Hamiltonian['potential']): TensorFunction =>
  (...args) => {
    const [q, p, gradient, stepSize, variances, x, y] = args as Leap;
    const { size } = q;
    const half = tf.mul(stepSize, 0.5);
    const body = (round: tf.Tensor, ...[rows, q, p, gradient]: tf.Tensor[]): tf.Tensor[] => {
      const kicked = tf.sub(p!, tf.mul(half, gradient!));
      const moved = tf.add(q!, tf.mul(tf.mul(stepSize, variances), kicked));
      const found = potential(moved, x, y);
      const [losses, slope] = tf.split(found, [2, size]) as [tf.Tensor, tf.Tensor];
      const after = tf.sub(kicked, tf.mul(half, slope));
      const row = tf.expandDims(tf.concat([losses, moved, after, slope]), 0);
      const here = tf.expandDims(tf.equal(tf.range(0, LEAPS, 1, 'int32'), round), 1);
      return [tf.where(here, row, rows!), moved, after, slope];
    };
    return repeat(LEAPS, body, [tf.zeros([LEAPS, 2 + 3 * size]), q, p, gradient])[0]!;
  };
/** Plans the steps of all workers, by rank. */
export function planChains(
  { sampler, layout, potential }: Hamiltonian,
  { program, shapes }: StepSpec,
  shares: readonly Share[],
): ChainPlan[] {
  const data: TensorSpec[] = [
    { shape: shapes.x, dtype: 'float32' },
    { shape: shapes.y, dtype: shapes.yType },
  ];
  const length = dimensionOf(layout);
  const specs = [...floats([length]), ...data];
  const one: TensorFunction = (q, x, y) => potential(q, x, y);
  const plain = trace(one, specs);
  const isQuick = isSmall(plain);
  const compiled = isQuick ? trace(one, specs, { xla: true }) : plain;
  const leaps = isQuick
    ? trace(leapsOf(potential), [...floats([length, length, length, 1, length]), ...data], { xla: true })
    : undefined;
  return shares.map(({ calls }) => ({
    kind: 'chains',
    potential: compiled,
    leaps,
    sampler,
    layout,
    chains: program.samples,
    own: calls.flatMap(({ first, count }) => Array.from({ length: count }, (_, i) => first + i)),
  }));
}
