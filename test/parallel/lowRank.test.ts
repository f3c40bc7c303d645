import assert from 'node:assert/strict';
import { tensorflow } from '../../lib/engine/tfjs/tensorflow';
import type { Program } from '../../lib/inference/method';
import { planLowRank } from '../../lib/parallel/plan/lowRankPlan';
import { LowRankSum } from '../../lib/parallel/exchange/lowRankSum';
import { SharedArrays } from '../../lib/parallel/memory/shared';
import { keyOf, normals } from '../../lib/threefry';

/** A vector with a bias before a matrix [10, 6] and one behind it, and one with nothing but filters, a matrix [18, 4]. */
const program = {
  vectors: [{ length: 65 }, { length: 72 }],
  variables: [
    { name: 'first.bias', shape: [3], vector: 0, offset: 0 },
    { name: 'kernel', shape: [10, 6], vector: 0, offset: 3 },
    { name: 'last.bias', shape: [2], vector: 0, offset: 63 },
    { name: 'filters', shape: [3, 3, 2, 4], vector: 1, offset: 0 },
  ],
} as unknown as Program;
const lengths = [65, 72];
const ROUNDING = 1e-5;

/** The sum of a job of one process: what is lost is what the low rank takes. */
function alone(rank: number) {
  const layout = new SharedArrays(lengths);
  const arrays = layout.views(layout.allocate(1));
  const plan = planLowRank(program, rank)!;
  const sum = new LowRankSum(tensorflow().context, arrays, plan, { sum: () => undefined });
  return {
    plan,
    step: (gradients: readonly Float32Array[]): number[][] => {
      arrays.forEach((values, i) => values.set(gradients[i]!));
      sum.sum();
      return arrays.map((values) => [...values]);
    },
  };
}

/** Any gradients. */
const random = (seed: number): Float32Array[] =>
  lengths.map((length, i) => Float32Array.from(normals(keyOf(10 * seed + i), length)));

const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.sqrt(Array.from(a).reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0));

describe('gradients as factors of a low rank', () => {
  it('take what is sent: the factors of matrices, and all of the rest', () => {
    const { plan } = alone(2);
    assert.deepEqual(plan.matrices, [
      { rows: 10, columns: 6 },
      { rows: 18, columns: 4 },
    ]);
    const sent = ({ compress }: (typeof plan.turns)['rows']): number[] => compress.outputs[0]!.shape;
    assert.deepEqual(sent(plan.turns.rows), [3 + 2 * 10 + 2 + 2 * 18]);
    assert.deepEqual(sent(plan.turns.columns), [3 + 2 * 6 + 2 + 2 * 4]);
    assert.deepEqual(alone(3).plan.matrices, [{ rows: 10, columns: 6 }]); // the filters are too few
    assert.equal(planLowRank(program, 4), undefined);
  });

  it('leave what is no matrix as it is, and make matrices of the rank', () => {
    const { step } = alone(1);
    const gradients = random(1);
    const [first] = step(gradients) as [number[]];
    assert.deepEqual(first.slice(0, 3), [...gradients[0]!.subarray(0, 3)]);
    assert.deepEqual(first.slice(63), [...gradients[0]!.subarray(63)]);
    const matrix = first.slice(3, 63); // of rank 1: all minors of two rows and columns are 0
    for (let i = 1; i < 10; i++) {
      for (let j = 1; j < 6; j++) {
        assert.ok(Math.abs(matrix[0]! * matrix[6 * i + j]! - matrix[6 * i]! * matrix[j]!) < ROUNDING);
      }
    }
  });

  it('find a matrix of that rank in two steps: the second one makes up for what the first has lost', () => {
    const { step } = alone(2);
    const [left, right] = [normals(keyOf(1), 20), normals(keyOf(2), 12)];
    const product = Float32Array.from({ length: 60 }, (_, at) => {
      const [i, j] = [Math.floor(at / 6), at % 6];
      return left[2 * i]! * right[j]! + left[2 * i + 1]! * right[6 + j]!;
    });
    const [vector, filters] = [new Float32Array(65), new Float32Array(72)];
    vector.set(product, 3);
    const steps = [0, 1, 2, 3].map(() => step([vector, filters])[0]!.slice(3, 63));
    const twice = product.map((value) => 2 * value);
    const sum = (a: readonly number[], b: readonly number[]): number[] => a.map((value, i) => value + b[i]!);
    assert.ok(distance(steps[0]!, product) > 0.1);
    assert.ok(distance(sum(steps[0]!, steps[1]!), twice) < ROUNDING);
    assert.ok(distance(sum(steps[2]!, steps[3]!), twice) < ROUNDING);
  });

  it('lose nothing for good: over many steps, what is lost does not grow', () => {
    const { step } = alone(1);
    const total = lengths.map((length) => new Float64Array(length));
    const lost: number[] = [];
    for (let i = 0; i < 400; i++) {
      const gradients = random(1); // the same ones again and again: of full rank
      const got = step(gradients);
      total.forEach((sum, v) => sum.forEach((_, at) => (sum[at]! += gradients[v]![at]! - got[v]![at]!)));
      lost.push(Math.max(...total.map((sum) => distance(sum, new Float64Array(sum.length)))));
    }
    const most = Math.max(...lost.slice(0, 100));
    assert.ok(lost.at(-1)! < 1.2 * most, `after 100 steps ${most}, after 400 ${lost.at(-1)}`);
    assert.ok(most > 1); // a rank of 1 is not enough at once
  });
});
