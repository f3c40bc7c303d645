import { Caller } from '../../engine/native/caller';
import type { Context, Handle } from '../../engine/native/context';
import { DataType } from '../../engine/native/dtype';
import type { Board } from '../memory/board';
import type { Control } from '../memory/control';
import type { Stopwatch } from '../memory/stopwatch';
import { Sums } from '../memory/sums';
import { stateLengths } from '../plan/state';
import { STEPS_PER_CALL, type WholePlan } from '../plan/wholePlan';
import { type BadNumber, findBadNumber } from './badNumber';
import type { Inputs } from './inputs';
import type { Advance, Stepper } from './stepper';

interface Part {
  plan: WholePlan;
  board: Board;
  control: Control;
  watch: Stopwatch;
}

/** The steps of a lone worker: one call each, or several steps a call. The state never leaves TensorFlow but when it is saved. */
export class WholeStep implements Stepper {
  private readonly caller: Caller;
  private readonly sums: Sums;
  private state: Handle[];
  private before: Handle[] = [];
  private next: Handle[] = [];
  /** After a loss that is no number: each step is made by a call of its own, to end with the weights before the bad one. */
  private oneByOne = false;

  constructor(
    private readonly context: Context,
    private readonly part: Part,
    private readonly inputs: Inputs,
    start: readonly Float32Array[],
  ) {
    const { plan, board } = part;
    this.caller = new Caller(context);
    this.sums = new Sums(board.sums);
    for (const each of [plan.whole, plan.several]) if (each) context.load(each.definitions);
    const lengths = stateLengths(board.lengths, board.slots);
    this.state = start.map((values, i) => context.tensor(DataType.float32, [lengths[i]!], values));
  }

  advance(step: number, left: number): Advance {
    const { caller, inputs } = this;
    const { plan, board, control, watch } = this.part;
    const several = this.oneByOne || left < STEPS_PER_CALL ? undefined : plan.several;
    const samples = plan.whole.inputs[3]!.shape[1]!;
    const fresh = several
      ? inputs.several(step, STEPS_PER_CALL, samples)
      : [
          inputs.rows(step, { first: 0, count: board.shapes.batch }),
          inputs.keys(step, { first: 0, count: samples }),
        ];
    fresh.push(inputs.number(step));
    try {
      const [nll, kl, ...state] = caller.call(several ?? plan.whole, [
        ...inputs.data,
        ...fresh,
        ...this.state,
      ]);
      const [nlls, kls] = [caller.numbers(nll!), caller.numbers(kl!)];
      if (several && nlls.some((nll, i) => !Number.isFinite(nll + kls[i]!))) {
        caller.free(state);
        this.oneByOne = true;
        return this.advance(step, left);
      }
      this.next = state;
      if (this.before.length === 0) watch.reset();
      watch.lap('compute');
      this.sums.setTimes(0, watch.times);
      return { nlls, kls, agreement: control.agree() };
    } finally {
      caller.free(fresh);
    }
  }

  badNumber(): BadNumber | undefined {
    const values = (handles: readonly Handle[]): Float32Array[] =>
      handles
        .slice(0, this.part.board.lengths.length)
        .map((handle) => this.context.read(handle) as Float32Array);
    return findBadNumber(values(this.state), values(this.next));
  }

  accept(): void {
    this.caller.free(this.before);
    [this.before, this.state, this.next] = [this.state, this.next, []];
  }

  goBack(): boolean {
    this.caller.free(this.next);
    this.next = [];
    if (this.before.length === 0) return false;
    this.caller.free(this.state);
    [this.before, this.state] = [[], this.before];
    return true;
  }

  save(arrays: readonly Float32Array[]): void {
    arrays.forEach((values, i) => this.context.readInto(this.state[i]!, values));
  }
}
