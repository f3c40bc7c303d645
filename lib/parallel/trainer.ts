import { Batches } from '../data/batches';
import type { Context, Handle } from '../engine/native/context';
import { DataType } from '../engine/native/dtype';
import type { CompiledFunction } from '../engine/native/functions';
import type { SharedMemory } from '../engine/native/memory';
import { sizeOf } from '../ndarray';
import { noiseKeys } from '../streams';
import { AllReduce } from './allReduce';
import { type Control, Decision } from './control';
import { STEPS_PER_CALL } from './plan';
import { Reporter } from './reporter';
import type { Outcome, Task } from './protocol';
import { SharedArrays } from './shared';
import { stateShapes } from './state';

/** The losses of the steps of one call, and the vectors and optimiser state after them. */
interface Steps {
  nlls: readonly number[];
  kls: readonly number[];
  state: Handle[];
}

const bytesOf = ({ buffer, offset, byteLength }: SharedMemory): Uint8Array =>
  new Uint8Array(buffer, offset, byteLength);

/** The training loop of one worker. It owns tensors in its context until `dispose`. */
export class Trainer {
  private readonly data: Handle[];
  private readonly copies: readonly Float32Array[][];
  private readonly batches: Batches;
  private readonly reduce: AllReduce | undefined;
  private readonly reporter: Reporter;
  private state: Handle[];
  /** The state one step ago, whose loss is known to be finite. */
  private sound: Handle[] = [];
  /** After a divergence: whether each step is made by a call of its own. */
  private oneByOne = false;

  constructor(
    private readonly context: Context,
    private readonly task: Task,
    private readonly control: Control,
  ) {
    const { job, plan, rank, workers, port } = task;
    const { shapes, vectors, slots } = job;
    const { float32 } = DataType;
    this.data = [
      context.share(float32, shapes.x, bytesOf(job.x)),
      context.share(DataType[shapes.yType], shapes.y, bytesOf(job.y)),
    ];
    const stateOf = stateShapes(vectors, slots);
    const layout = new SharedArrays(stateOf.map(sizeOf));
    this.copies = [0, 1].map((copy) => layout.views(job.state, copy));
    this.state = this.copies[control.wholeCopy]!.map((values, i) =>
      context.tensor(float32, stateOf[i]!, values),
    );
    this.batches = new Batches(job.order, shapes.x[0]!, shapes.batch);
    this.reporter = new Reporter(port);
    this.reduce = plan.kind === 'split' ? new AllReduce(context, job, rank, workers, control) : undefined;
    const functions = plan.kind === 'whole' ? [plan.whole, plan.several] : [plan.gradients, plan.update];
    for (const each of functions) if (each) context.load(each.definitions);
  }

  /** Trains until the last step, or until all workers agree to stop. The weights are in shared memory afterwards. */
  run(): Outcome {
    const { control, reporter, task } = this;
    const { steps } = task.job;
    try {
      for (let step = 0; step < steps;) {
        const { nlls, kls, state } = this.advance(step, steps - step);
        const bad = nlls.findIndex((nll, i) => !Number.isFinite(nll + kls[i]!));
        if (bad >= 0) {
          this.free(state);
          if (nlls.length > 1) {
            this.oneByOne = true; // the same steps again, to end with the weights before the bad one
            continue;
          }
          this.goBack();
          return { end: 'diverged', step, nll: nlls[0]!, kl: kls[0]! };
        }
        this.free(this.sound);
        this.sound = this.state;
        this.state = state;
        nlls.forEach((nll, i) => reporter.record(nll, kls[i]!));
        step += nlls.length;
        if (task.rank === 0 && control.takeSnapshotWish()) {
          this.save();
          reporter.snapshot(step);
        }
        if (control.decision === Decision.pause) {
          reporter.flush();
          control.waitWhilePaused();
        }
        if (control.decision === Decision.stop) return { end: 'stopped', step };
      }
      return { end: 'done', step: steps };
    } finally {
      // also after an error, here or in a peer: the weights of the last good step are kept
      if (control.claimFinalCopy()) this.save();
      reporter.flush();
    }
  }

  /** To the weights that made sense last: the present ones gave a loss that is no number. */
  private goBack(): void {
    if (this.sound.length === 0) return; // there has been no step
    this.free(this.state);
    this.state = this.sound;
    this.sound = [];
  }

  /** Takes the next step, or several of the `left` ones if they are made by one call. */
  private advance(step: number, left: number): Steps {
    const { context, task, reduce } = this;
    const { plan, job, samples } = task;
    const { int32 } = DataType;
    const isOne = this.oneByOne || left < STEPS_PER_CALL;
    const several = plan.kind === 'split' || isOne ? undefined : plan.several;
    const count = several ? STEPS_PER_CALL : 1;
    const leading = several ? [count] : [];
    const number = context.tensor(int32, [], Int32Array.of(step));
    const { rows, keys } = this.choose(step, count);
    const fresh = [
      context.tensor(int32, [...leading, job.shapes.batch], rows),
      context.tensor(int32, [...leading, job.streams, samples, 2], keys),
    ];
    const inputs = [...this.data, ...fresh];
    try {
      if (plan.kind === 'whole') {
        const [nlls, kls, ...state] = this.call(several ?? plan.whole, [...inputs, number, ...this.state]);
        return { nlls: this.numbers(nlls!), kls: this.numbers(kls!), state };
      }
      const vectors = this.state.slice(0, job.vectors.length);
      const { nll, gradients } = reduce!.sum(this.call(plan.gradients, [...inputs, ...vectors]));
      const [kl, ...state] = this.call(plan.update, [number, ...gradients, ...this.state]);
      return { nlls: [nll], kls: this.numbers(kl!), state };
    } finally {
      this.free([number, ...fresh]);
    }
  }

  /** Which data the next steps see, [count, B], and the keys of their noise, [count, streams, S, 2]. */
  private choose(step: number, count: number): { rows: Int32Array; keys: Int32Array } {
    const { job, samples, firstSample } = this.task;
    const { streams, shapes, noise } = job;
    const rows = new Int32Array(count * shapes.batch);
    const keys = new Int32Array(count * streams * samples * 2);
    for (let i = 0; i < count; i++) {
      this.batches.fill(rows.subarray(i * shapes.batch, (i + 1) * shapes.batch), step + i);
      keys.set(noiseKeys(noise, step + i, { streams, samples, firstSample }), i * streams * samples * 2);
    }
    return { rows, keys };
  }

  /** The values of a tensor, which is freed. */
  private numbers(handle: Handle): number[] {
    const values = this.context.read(handle) as Float32Array;
    this.context.free(handle);
    return Array.from(values);
  }

  private call({ name, attributes, outputs }: CompiledFunction, inputs: readonly Handle[]): Handle[] {
    return this.context.execute(name, attributes, inputs, outputs.length);
  }

  /** Copies vectors and optimiser state to shared memory. Whoever reads there, or if this thread dies here: a copy is whole. */
  private save(): void {
    const copy = 1 - this.control.wholeCopy;
    this.state.forEach((handle, i) => this.context.readInto(handle, this.copies[copy]![i]!));
    this.control.publishCopy(copy);
  }

  private free(handles: readonly Handle[]): void {
    for (const handle of handles) this.context.free(handle);
  }

  dispose(): void {
    this.free([...this.data, ...this.state, ...this.sound]);
    this.reduce?.dispose();
  }
}
