import type { Context, Handle } from '../../engine/native/context';
import { DataType } from '../../engine/native/dtype';
import type { Board } from '../memory/board';
import { SharedArrays } from '../memory/shared';
import { Window } from '../memory/window';
import type { Share } from '../plan/schedule';
import type { PlannedCall } from '../plan/splitPlan';
import type { Speaker } from './speaker';

const { float32 } = DataType;

/**
 * What each call of a step knows of its samples, for a loss that is not a sum over them: [calls, B, K] for the data of this worker, in
 * shared memory. Each call writes its place and reads all. Where there are several processes, what they know is added up: a process leaves
 * the places of others at zero.
 */
export class StatisticsExchange {
  private readonly all: Window;
  private readonly places: readonly Float32Array[];
  private readonly joined: readonly Handle[];
  /** What this process knows of all data, and what all know: the same memory, where there is one process. */
  private readonly own: Float32Array;
  private readonly known: Float32Array;

  constructor(
    private readonly context: Context,
    board: Board,
    { dataGroup, firstCall }: Share,
    calls: readonly PlannedCall[],
  ) {
    const layout = new SharedArrays(board.statisticsLengths);
    const last = board.statistics.byteLength / layout.stride - 1;
    this.own = layout.whole(board.statistics, 0);
    this.known = layout.whole(board.statistics, last);
    const [own, known] = [0, last].map((set) => layout.views(board.statistics, set)[dataGroup]!);
    const { shape } = calls[0]!.statistics!.outputs[0]!; // [B, K]
    const size = shape.reduce((a, b) => a * b, 1);
    this.all = new Window(context, known!, [known!.length / size, ...shape]);
    this.places = calls.map((_, i) => own!.subarray((firstCall + i) * size, (firstCall + i + 1) * size));
    this.joined = calls.map(({ joined }) => context.tensor(float32, [joined!.length], joined!));
  }

  /** Shows the statistics of a call, which are freed, to all. */
  publish(call: number, statistics: Handle): void {
    this.context.readInto(statistics, this.places[call]!);
    this.context.free(statistics);
  }

  /** The first worker of each process, when all workers have published: learns what the other processes know. */
  join(speaker: Speaker): void {
    this.known.set(this.own);
    speaker.sum(this.known);
  }

  /** What the gradients of a call take: the statistics of all calls, and which of them are joined. */
  inputs(call: number): Handle[] {
    return [this.all.now, this.joined[call]!];
  }
}
