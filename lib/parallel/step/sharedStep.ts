import { typeAttribute } from '../../engine/native/attributes';
import { Caller } from '../../engine/native/caller';
import type { Context, Handle } from '../../engine/native/context';
import { DataType } from '../../engine/native/dtype';
import { sizeOf } from '../../ndarray';
import { DeviceGradients } from '../exchange/deviceGradients';
import { GradientExchange } from '../exchange/gradientExchange';
import { processSum, type ProcessSum } from '../exchange/processSum';
import type { PublishedGradients } from '../exchange/publishedGradients';
import { SharedGradients } from '../exchange/sharedGradients';
import type { Speaker } from '../exchange/speaker';
import { StatisticsExchange } from '../exchange/statisticsExchange';
import type { Board } from '../memory/board';
import type { Agreement, Control } from '../memory/control';
import { DeviceVectors } from '../memory/deviceVectors';
import { type Losses, Meeting } from '../memory/meeting';
import { cut, shardsOf } from '../memory/shards';
import { SharedVectors } from '../memory/sharedVectors';
import { ShownTensors } from '../memory/shownTensors';
import { meanTimes, type Stopwatch } from '../memory/stopwatch';
import { Sums } from '../memory/sums';
import type { Vectors } from '../memory/vectors';
import { formatOf } from '../plan/gradientFormat';
import type { Range, Share } from '../plan/schedule';
import type { PlannedCall, SplitPlan } from '../plan/splitPlan';
import { type BadNumber, findBadNumber } from './badNumber';
import type { Inputs } from './inputs';
import type { Advance, Stepper } from './stepper';

const { float32 } = DataType;
const addition = [typeAttribute('T', float32)];

/** What a worker needs to take part in the steps of a run. */
export interface Part {
  plan: SplitPlan;
  board: Board;
  share: Share;
  workers: number;
  control: Control;
  watch: Stopwatch;
  /** Whether there are other processes, and of their first workers who speaks with them. */
  several: boolean;
  speaker: Speaker | undefined;
}

/**
 * The steps of a worker among others: gradients of its data and samples, then the update of its shard of the vectors with the gradients
 * of all. Reduce-scatter, update and all-gather are one pass over memory. Everybody adds in the order of the ranks, so the numbers do not
 * depend on who is first. Each process updates all of its vectors: between processes only gradients travel.
 */
export class SharedStep implements Stepper {
  private readonly caller: Caller;
  /** Its shard of each vector. */
  private readonly own: readonly Range[];
  private readonly vectors: Vectors;
  private readonly gradients: GradientExchange;
  private readonly processes: ProcessSum | undefined;
  private readonly statistics: StatisticsExchange | undefined;
  private readonly sums: Sums;
  private readonly meeting: Meeting;
  private readonly first: Handle;
  /** For each call, the number of the first of its samples. */
  private readonly samples: readonly Handle[];
  /** Elements of the gradients that a call gives. */
  private readonly sizes: readonly number[];
  private slots: Handle[];
  private slotsBefore: Handle[] = [];
  private slotsNext: Handle[] = [];
  /** Whether there is a state before the present one. */
  private moved = false;

  /** @param start the vectors and slots to begin with, whole */
  constructor(
    private readonly context: Context,
    private readonly part: Part,
    private readonly inputs: Inputs,
    start: readonly Float32Array[],
  ) {
    const { plan, board, share, workers, control, speaker } = part;
    const { lengths, slots } = board;
    const { rank } = share;
    const functions = plan.calls.flatMap(({ statistics, gradients }) => [statistics, gradients]);
    for (const each of [...functions, plan.sum, plan.update]) if (each) context.load(each.definitions);

    const own = (this.own = shardsOf(lengths, workers, rank));
    this.caller = new Caller(context);
    const { vectors, gradients } = this.memory(cut(start.slice(0, lengths.length), own));
    this.vectors = vectors;
    this.gradients = new GradientExchange(context, board, gradients, own);
    this.processes = speaker && processSum(context, board, plan.lowRank, speaker);
    this.statistics = plan.calls[0]?.statistics
      ? new StatisticsExchange(context, board, share, plan.calls)
      : undefined;
    this.sums = new Sums(board.sums);
    this.meeting = new Meeting(board.meeting);
    this.sizes = plan.calls[0]!.gradients.outputs.slice(1).map(({ shape }) => sizeOf(shape));
    this.first = inputs.number(share.rows.first);
    this.samples = plan.calls.map(({ first }) => inputs.number(first));
    this.slots = cut(start.slice(lengths.length), own, slots).map((values) =>
      context.tensor(float32, [values.length], values),
    );
    control.barrier(); // now the vectors are whole
  }

  /** Where vectors and gradients are: in the memory that all workers share, or on their devices if these do not see it. */
  private memory(start: readonly Float32Array[]): { vectors: Vectors; gradients: PublishedGradients } {
    const { context, own } = this;
    const { board, workers, share } = this.part;
    const { lengths, shown, exchange } = board;
    const { rank } = share;
    if (context.sharesMemory) {
      return {
        vectors: new SharedVectors(context, lengths, board.vectors, own, start),
        gradients: new SharedGradients(context, board, workers, rank, own),
      };
    }
    const vectors = new ShownTensors(context, shown.vectors, lengths.length);
    const gradients = new ShownTensors(context, shown.gradients, lengths.length * workers);
    return {
      vectors: new DeviceVectors(context, vectors, workers, rank, start),
      gradients: new DeviceGradients(context, gradients, lengths, workers, rank, formatOf(exchange)),
    };
  }

  advance(step: number): Advance {
    const { part, sums, vectors } = this;
    const { watch } = part;
    const { rank } = part.share;
    watch.lap('exchange'); // what was done since the last step: reports, copies of the state
    const { nll, kl: coupled, gradients } = this.takeGradients(step);
    watch.lap('compute');
    this.gradients.publish(gradients, this.sizes);
    sums.set(rank, 'nll', nll);
    sums.set(rank, 'coupled', coupled);
    watch.lap('exchange');
    part.control.barrier();
    watch.lap('wait');
    const losses = this.joined(); // now: whoever is quick overwrites its own in the next step
    const { kl, shards, slots } = this.update(step);
    watch.lap('compute');
    vectors.write(shards);
    sums.set(rank, 'kl', kl);
    sums.setTimes(rank, watch.times);
    watch.lap('exchange');
    this.slotsNext = slots;
    const agreement = part.several ? this.atBarrier() : part.control.agree();
    watch.lap('wait');
    if (!this.moved) watch.reset();
    return { nlls: [losses.nll], kls: [losses.kl + sums.total('kl')], agreement };
  }

  /** What all did so far in this step, where all of this process have published: their losses. Other processes are heard first. */
  private joined(): Losses {
    const { part, sums } = this;
    const { watch } = part;
    const own = { nll: sums.total('nll'), kl: sums.total('coupled') };
    if (!part.several) return own;
    this.gradients.addUp(part.plan.sum);
    watch.lap('exchange');
    part.control.barrier();
    if (part.speaker) {
      part.speaker.meet(own, meanTimes(sums.times));
      watch.lap('wait');
      this.processes!.sum();
      watch.lap('exchange');
    }
    part.control.barrier();
    watch.lap('wait');
    return this.meeting.losses;
  }

  /** What was agreed on with the other processes, when all workers of this one are here. */
  private atBarrier(): Agreement {
    const { control } = this.part;
    control.barrier();
    return control.agreement;
  }

  /** The losses and gradients of this worker's data and samples. */
  private takeGradients(step: number): { nll: number; kl: number; gradients: Handle[] } {
    const { part, caller, inputs, statistics, vectors } = this;
    const { plan, share, control, several, speaker, watch } = part;
    const rows = inputs.rows(step, share.rows);
    const count = inputs.number(step);
    const keys = plan.calls.map((call) => inputs.keys(step, call));
    const uniforms = plan.calls.map((call) => inputs.uniforms(step, call, share.rows));
    const inputsOf = (call: number): Handle[] => [
      ...inputs.data,
      rows,
      keys[call]!,
      count,
      this.samples[call]!,
      this.first,
      ...uniforms[call]!,
    ];
    try {
      if (statistics) {
        plan.calls.forEach((call, i) => {
          const [own] = caller.call(call.statistics!, [...inputsOf(i), ...vectors.whole]);
          statistics.publish(i, own!);
        });
        watch.lap('compute');
        control.barrier();
        if (several) {
          if (speaker) statistics.join(speaker);
          control.barrier();
        }
        watch.lap('wait');
      }
      let [nll, kl] = [0, 0];
      let sum: Handle[] | undefined;
      plan.calls.forEach((call: PlannedCall, i) => {
        const more = statistics?.inputs(i) ?? [];
        const [own, ...gradients] = caller.call(call.gradients, [...inputsOf(i), ...more, ...vectors.whole]);
        const [data = 0, coupled = 0] = caller.numbers(own!);
        nll += data;
        kl += coupled;
        sum = sum ? this.added(sum, gradients) : gradients;
      });
      return { nll, kl, gradients: sum! };
    } finally {
      caller.free([rows, count, ...keys, ...uniforms.flat()]);
    }
  }

  /** The sums of two lists of tensors, which are freed. */
  private added(a: readonly Handle[], b: readonly Handle[]): Handle[] {
    const sums = a.map((left, i) => this.context.execute('AddV2', addition, [left, b[i]!], 1)[0]!);
    this.caller.free([...a, ...b]);
    return sums;
  }

  private update(step: number): { kl: number; shards: Handle[]; slots: Handle[] } {
    const { part, caller, vectors } = this;
    const { update } = part.plan;
    if (!update) return { kl: 0, shards: [], slots: [] }; // there are more workers than the vectors have room for
    const number = this.inputs.number(step);
    try {
      return this.gradients.withShards((gradients) => {
        const [kl, ...state] = caller.call(update, [number, ...gradients, ...vectors.shards, ...this.slots]);
        const count = part.board.lengths.length;
        return { kl: caller.numbers(kl!)[0]!, shards: state.slice(0, count), slots: state.slice(count) };
      });
    } finally {
      caller.free([number]);
    }
  }

  badNumber(): BadNumber | undefined {
    return findBadNumber(this.vectors.values(0), this.vectors.values(1));
  }

  accept(): void {
    this.vectors.turn(1);
    this.caller.free(this.slotsBefore);
    [this.slotsBefore, this.slots, this.slotsNext] = [this.slots, this.slotsNext, []];
    this.moved = true;
  }

  goBack(): boolean {
    this.caller.free(this.slotsNext);
    this.slotsNext = [];
    if (!this.moved) return false;
    this.vectors.turn(-1);
    this.caller.free(this.slots);
    [this.slotsBefore, this.slots] = [[], this.slotsBefore];
    this.moved = false;
    return true;
  }

  save(arrays: readonly Float32Array[]): void {
    const { own } = this;
    const { lengths, slots } = this.part.board;
    this.vectors.save(cut(arrays.slice(0, lengths.length), own));
    if (arrays.length === lengths.length || this.slots.length === 0) return;
    cut(arrays.slice(lengths.length), own, slots).forEach((target, i) =>
      this.context.readInto(this.slots[i]!, target),
    );
  }
}
