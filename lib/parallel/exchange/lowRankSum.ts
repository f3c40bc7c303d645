import type { Context, Handle } from '../../engine/native/context';
import { DataType } from '../../engine/native/dtype';
import type { TensorDescription } from '../../engine/native/functions';
import { keyOf, normals } from '../../threefry';
import type { LowRankPlan, Side, Turn } from '../plan/lowRankPlan';
import type { Speaker } from './speaker';
import { orthonormal } from './orthonormal';
import { SharedArrays } from '../memory/shared';
import { tensorsOf } from '../memory/sharedVectors';
import { Caller } from './caller';

const { float32 } = DataType;

/** What one side's turn works on. */
interface Post {
  turn: Turn;
  /** Of each matrix the other side's basis, [other, rank], for its tensor. */
  bases: readonly Float32Array[];
  baseHandles: readonly Handle[];
  /** What travels. */
  message: Float32Array;
  messageHandle: Handle;
}

/**
 * Adds up over processes, matrices as factors of a low rank: see `LowRankPlan`. What was lost and the bases are those of this process since
 * it has begun to train: they are not part of a saved state.
 */
export class LowRankSum {
  private readonly caller: Caller;
  private readonly gradients: readonly Handle[];
  private errors: Handle[];
  private readonly posts: Record<Side, Post>;
  private side: Side = 'rows';

  /** @param arrays the gradients, in shared memory */
  constructor(
    private readonly context: Context,
    private readonly arrays: readonly Float32Array[],
    private readonly plan: LowRankPlan,
    private readonly speaker: Pick<Speaker, 'sum'>,
  ) {
    const { matrices, turns } = plan;
    this.caller = new Caller(context);
    this.gradients = tensorsOf(context, arrays);
    this.errors = matrices.map(({ rows, columns }) =>
      context.tensor(float32, [rows, columns], new Float32Array(rows * columns)),
    );
    this.posts = { rows: this.post(turns.rows, 'columns'), columns: this.post(turns.columns, 'rows') };
    matrices.forEach(({ columns }, i) => {
      const start = normals(keyOf(i), columns * plan.rank);
      this.posts.rows.bases[i]!.set(orthonormal(start, plan.rank));
    });
  }

  private post(turn: Turn, other: Side): Post {
    const { context, plan } = this;
    for (const { definitions } of [turn.compress, turn.expand]) context.load(definitions);
    const { matrices, rank } = plan;
    const layout = new SharedArrays(matrices.map((matrix) => matrix[other] * rank));
    const bases = layout.views(layout.allocate(1));
    const baseHandles = bases.map((values, i) => context.share(float32, [matrices[i]![other], rank], values));
    const [{ shape }] = turn.compress.outputs as [TensorDescription];
    const [length] = shape as [number];
    const message = new SharedArrays([length]);
    const [values] = message.views(message.allocate(1)) as [Float32Array];
    return {
      turn,
      bases,
      baseHandles,
      message: values,
      messageHandle: context.share(float32, [length], values),
    };
  }

  sum(): void {
    const { arrays, caller, context, plan, posts, side, speaker } = this;
    const { turn, baseHandles, message, messageHandle } = posts[side];
    const inputs = [...this.gradients, ...this.errors, ...baseHandles];
    const [own] = caller.call(turn.compress, inputs) as [Handle];
    context.readInto(own, message);
    speaker.sum(message);
    const results = caller.call(turn.expand, [own, messageHandle, ...inputs]);
    const gradients = results.slice(0, arrays.length);
    gradients.forEach((handle, i) => context.readInto(handle, arrays[i]!));
    caller.free([own, ...gradients, ...this.errors]);
    this.errors = results.slice(arrays.length);

    // the factor that has travelled makes the basis for the other one
    const next = side === 'rows' ? 'columns' : 'rows';
    plan.matrices.forEach((matrix, i) => {
      const from = turn.factors[i]!;
      const factor = message.subarray(from, from + matrix[side] * plan.rank);
      posts[next].bases[i]!.set(orthonormal(factor, plan.rank));
    });
    this.side = next;
  }
}
