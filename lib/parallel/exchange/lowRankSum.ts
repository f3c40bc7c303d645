import { Caller } from '../../engine/native/caller';
import type { Context, Handle } from '../../engine/native/context';
import { DataType } from '../../engine/native/dtype';
import { keyOf, normals } from '../../threefry';
import { SharedArrays } from '../memory/shared';
import { seen, Window, windowsOf } from '../memory/window';
import { type LowRankPlan, otherSide, type Side, type Turn } from '../plan/lowRankPlan';
import { orthonormal } from './orthonormal';
import type { Speaker } from './speaker';

const { float32 } = DataType;

/** What one side's turn works on. */
interface Post {
  turn: Turn;
  /** Of each matrix the other side's basis, [other, rank], for its tensor. */
  bases: readonly Float32Array[];
  baseWindows: readonly Window[];
  /** What travels. */
  message: Float32Array;
  sent: Window;
}

/**
 * Adds up over processes, matrices as factors of a low rank: see `LowRankPlan`. What was lost and the bases are those of this process since
 * it has begun to train: they are not part of a saved state.
 */
export class LowRankSum {
  private readonly caller: Caller;
  private readonly gradients: readonly Window[];
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
    const { matrices } = plan;
    this.caller = new Caller(context);
    this.gradients = windowsOf(context, arrays);
    this.errors = matrices.map(({ rows, columns }) =>
      context.tensor(float32, [rows, columns], new Float32Array(rows * columns)),
    );
    this.posts = { rows: this.post('rows'), columns: this.post('columns') };
    matrices.forEach(({ columns }, i) => {
      const start = normals(keyOf(i), columns * plan.rank);
      this.posts.rows.bases[i]!.set(orthonormal(start, plan.rank));
    });
  }

  private post(side: Side): Post {
    const { context, plan } = this;
    const turn = plan.turns[side];
    const other = otherSide(side);
    for (const { definitions } of [turn.compress, turn.expand]) context.load(definitions);
    const { matrices, rank } = plan;
    const length = turn.compress.outputs[0]!.shape[0]!;
    const layout = new SharedArrays([length, ...matrices.map((matrix) => matrix[other] * rank)]);
    const [message, ...bases] = layout.views(layout.allocate(1)) as [Float32Array, ...Float32Array[]];
    const baseWindows = bases.map((values, i) => new Window(context, values, [matrices[i]![other], rank]));
    return { turn, bases, baseWindows, message, sent: new Window(context, message) };
  }

  sum(): void {
    const { arrays, caller, context, plan, posts, side, speaker } = this;
    const { turn, baseWindows, message, sent } = posts[side];
    const inputs = [...seen(this.gradients), ...this.errors, ...seen(baseWindows)];
    const [own] = caller.call(turn.compress, inputs) as [Handle];
    context.readInto(own, message);
    speaker.sum(message);
    const results = caller.call(turn.expand, [own, sent.now, ...inputs]);
    arrays.forEach((target, i) => caller.write(results[i]!, target));
    caller.free([own, ...this.errors]);
    this.errors = results.slice(arrays.length);

    // the factor that has travelled makes the basis for the other one
    const next = otherSide(side);
    plan.matrices.forEach((matrix, i) => {
      const from = turn.factors[i]!;
      const factor = message.subarray(from, from + matrix[side] * plan.rank);
      posts[next].bases[i]!.set(orthonormal(factor, plan.rank));
    });
    this.side = next;
  }
}
