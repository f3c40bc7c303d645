import { Caller } from '../../engine/native/caller';
import type { Context } from '../../engine/native/context';
import { DataType } from '../../engine/native/dtype';
import type { CompiledFunction } from '../../engine/native/functions';
import { advanceChain, type ChainState } from '../../inference/chains/chain';
import { putChain, takeChain } from '../../inference/chains/layout';
import type { Evaluation, Landscape, Phase } from '../../inference/chains/phase';
import { foldIn } from '../../threefry';
import type { Speaker } from '../exchange/speaker';
import type { Board } from '../memory/board';
import type { Agreement, Control } from '../memory/control';
import { type Losses, Meeting } from '../memory/meeting';
import { meanTimes, type Stopwatch } from '../memory/stopwatch';
import { Sums } from '../memory/sums';
import { type ChainPlan, LEAPS } from '../plan/chainPlan';
import type { BadNumber } from './badNumber';
import type { Inputs } from './inputs';
import type { Advance, Stepper } from './stepper';

/** A chain of this worker. */
interface Own {
  number: number;
  state: ChainState;
}

interface Part {
  plan: ChainPlan;
  board: Board;
  rank: number;
  control: Control;
  watch: Stopwatch;
  /** Whether there are other processes, and of their first workers who speaks with them. */
  several: boolean;
  speaker: Speaker | undefined;
}

/** Iterations of the chains of a worker. They are computed here, in double precision; TensorFlow computes the potential. */
export class ChainStep implements Stepper, Landscape {
  private readonly caller: Caller;
  private readonly sums: Sums;
  private readonly own: readonly Own[];
  readonly leaps: Landscape['leaps'];

  /** @param start the vectors and slots to begin with, of all chains */
  constructor(
    private readonly context: Context,
    private readonly part: Part,
    private readonly inputs: Inputs,
    start: readonly Float32Array[],
  ) {
    const { plan, board } = part;
    this.caller = new Caller(context);
    this.sums = new Sums(board.sums);
    this.leaps = plan.leaps && { count: LEAPS, make: this.leap };
    for (const each of [plan.potential, plan.leaps]) if (each) context.load(each.definitions);
    this.own = plan.own.map((number) => ({ number, state: takeChain(start, plan.layout, number) }));
  }

  advance(step: number): Advance {
    const { plan, board, rank, control, several, watch } = this.part;
    const { sums } = this;
    watch.lap('exchange');
    const total = { nll: 0, nlp: 0 };
    for (const { number, state } of this.own) {
      const key = foldIn(foldIn(board.noise, step), number);
      const at = advanceChain(plan.sampler, state, { iteration: step, key }, this);
      total.nll += at.nll;
      total.nlp += at.nlp;
    }
    const share = 1 / (board.shapes.batch * plan.chains);
    sums.set(rank, 'nll', total.nll * share);
    sums.set(rank, 'kl', total.nlp * share);
    watch.lap('compute');
    sums.setTimes(rank, watch.times);
    control.barrier();
    const own = { nll: sums.total('nll'), kl: sums.total('kl') }; // now: whoever is quick overwrites its own in the next step
    const { losses, agreement } = several ? this.together(own) : { losses: own, agreement: control.agree() };
    watch.lap('wait');
    return { nlls: [losses.nll], kls: [losses.kl], agreement };
  }

  /** What is found out with the other processes. */
  private together(own: Losses): { losses: Losses; agreement: Agreement } {
    const { control, speaker, board } = this.part;
    speaker?.meet(own, meanTimes(this.sums.times));
    control.barrier();
    return { losses: new Meeting(board.meeting).losses, agreement: control.agreement };
  }

  readonly potential = (q: Float64Array): Evaluation => {
    const values = this.call(this.part.plan.potential, [q]);
    return { nll: values[0]!, nlp: values[1]!, gradient: values.subarray(2) };
  };

  private readonly leap = ({ q, p, at }: Phase, stepSize: number, variances: Float64Array): Phase[] => {
    const values = this.call(this.part.plan.leaps!, [q, p, at.gradient, [stepSize], variances]);
    const { length } = q;
    const width = 2 + 3 * length;
    return Array.from({ length: values.length / width }, (_, i) => {
      const here = values.subarray(i * width, (i + 1) * width);
      const part = (number: number): Float32Array =>
        here.subarray(2 + number * length, 2 + (number + 1) * length);
      return {
        q: new Float64Array(part(0)),
        p: new Float64Array(part(1)),
        at: { nll: here[0]!, nlp: here[1]!, gradient: part(2) },
      };
    });
  };

  /** Calls a function of some numbers and all data. */
  private call(plan: CompiledFunction, numbers: readonly ArrayLike<number>[]): Float32Array {
    const { caller, context, inputs } = this;
    const own = numbers.map((values) =>
      context.tensor(DataType.float32, [values.length], new Float32Array(values)),
    );
    const [found] = caller.call(plan, [...own, ...inputs.data]);
    const values = context.read(found!) as Float32Array;
    caller.free([...own, found!]);
    return values;
  }

  badNumber(): BadNumber | undefined {
    return undefined; // it is the density that is none where the chain starts
  }

  accept(): void {
    // a chain never goes where its density is no number: where it is, it stays
  }

  /** There is no step back to be made: where a loss is no number, it is that of the start, and nothing has moved. */
  goBack(): boolean {
    return false;
  }

  save(arrays: readonly Float32Array[]): void {
    for (const { number, state } of this.own) putChain(arrays, this.part.plan.layout, number, state);
  }
}
