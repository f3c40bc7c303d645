import type { Context, Handle } from '../engine/native/context';
import { DataType } from '../engine/native/dtype';
import type { Board } from './board';
import type { Share } from './schedule';
import { SharedArrays } from './shared';
import type { PlannedCall } from './splitPlan';

const { float32 } = DataType;

/**
 * What each call of a step knows of its samples, for a loss that is not a sum over them: [calls, B, K] for the data of this worker, in
 * shared memory. Each call writes its place and reads all.
 */
export class StatisticsExchange {
  private readonly all: Handle;
  private readonly places: readonly Float32Array[];
  private readonly joined: readonly Handle[];

  constructor(
    private readonly context: Context,
    board: Board,
    { dataGroup, firstCall }: Share,
    calls: readonly PlannedCall[],
  ) {
    const layout = new SharedArrays(board.statisticsLengths);
    const array = layout.views(board.statistics)[dataGroup]!;
    const { shape } = calls[0]!.statistics!.outputs[0]!; // [B, K]
    const size = shape.reduce((a, b) => a * b, 1);
    this.all = context.share(float32, [array.length / size, ...shape], array);
    this.places = calls.map((_, i) => array.subarray((firstCall + i) * size, (firstCall + i + 1) * size));
    this.joined = calls.map(({ joined }) => context.tensor(float32, [joined!.length], joined!));
  }

  /** Shows the statistics of a call, which are freed, to all. */
  publish(call: number, statistics: Handle): void {
    this.context.readInto(statistics, this.places[call]!);
    this.context.free(statistics);
  }

  /** What the gradients of a call take: the statistics of all calls, and which of them are joined. */
  inputs(call: number): Handle[] {
    return [this.all, this.joined[call]!];
  }
}
