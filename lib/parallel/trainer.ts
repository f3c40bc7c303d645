import { Batches } from '../data/batches';
import type { Context, Handle } from '../engine/context';
import { DataType } from '../engine/dtype';
import type { CompiledFunction } from '../engine/functions';
import type { SharedMemory } from '../engine/memory';
import { sizeOf } from '../ndarray';
import { noiseKeys } from '../streams';
import { AllReduce } from './allReduce';
import { type Control, Decision } from './control';
import { Reporter } from './reporter';
import type { Outcome, Task } from './protocol';
import { SharedArrays } from './shared';
import { stateShapes } from './state';

/** The losses of a step, and the vectors and optimiser state after it. */
interface Step {
  nll: number;
  kl: number;
  state: Handle[];
}

const bytesOf = ({ buffer, offset, byteLength }: SharedMemory): Uint8Array =>
  new Uint8Array(buffer, offset, byteLength);

/** The training loop of one worker. It owns tensors in its context until `dispose`. */
export class Trainer {
  private readonly data: Handle[];
  private readonly copies: readonly Float32Array[][];
  private readonly batches: Batches;
  private readonly rows: Int32Array;
  private readonly reduce: AllReduce | undefined;
  private readonly reporter: Reporter;
  private state: Handle[];
  /** The state one step ago, whose loss is known to be finite. */
  private sound: Handle[] = [];

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
    this.rows = new Int32Array(shapes.batch);
    this.reporter = new Reporter(port);
    this.reduce = plan.kind === 'split' ? new AllReduce(context, job, rank, workers, control) : undefined;
    for (const { definitions } of plan.kind === 'whole' ? [plan.whole] : [plan.gradients, plan.update]) {
      context.load(definitions);
    }
  }

  /** Trains until the last step, or until all workers agree to stop. The weights are in shared memory afterwards. */
  run(): Outcome {
    const { control, reporter, task } = this;
    const { steps } = task.job;
    try {
      for (let step = 0; step < steps; step++) {
        const { nll, kl, state } = this.advance(step);
        if (!Number.isFinite(nll + kl)) {
          this.free(state);
          this.goBack();
          return { end: 'diverged', step, nll, kl };
        }
        this.free(this.sound);
        this.sound = this.state;
        this.state = state;
        reporter.record(nll, kl);
        if (task.rank === 0 && control.takeSnapshotWish()) {
          this.save();
          reporter.snapshot(step + 1);
        }
        if (control.decision === Decision.pause) {
          reporter.flush();
          control.waitWhilePaused();
        }
        if (control.decision === Decision.stop) return { end: 'stopped', step: step + 1 };
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

  private advance(step: number): Step {
    const { context, task, reduce } = this;
    const { plan, job, samples, firstSample } = task;
    const { int32 } = DataType;
    this.batches.fill(this.rows, step);
    const keys = noiseKeys(job.noise, step, { streams: job.streams, samples, firstSample });
    const number = context.tensor(int32, [], Int32Array.of(step));
    const fresh = [
      context.tensor(int32, [this.rows.length], this.rows),
      context.tensor(int32, [job.streams, samples, 2], keys),
    ];
    const inputs = [...this.data, ...fresh];
    try {
      if (plan.kind === 'whole') {
        const [nll, kl, ...state] = this.call(plan.whole, [...inputs, number, ...this.state]) as [
          Handle,
          Handle,
          ...Handle[],
        ];
        return { nll: context.takeScalar(nll), kl: context.takeScalar(kl), state };
      }
      const vectors = this.state.slice(0, job.vectors.length);
      const { nll, gradients } = reduce!.sum(this.call(plan.gradients, [...inputs, ...vectors]));
      const [kl, ...state] = this.call(plan.update, [number, ...gradients, ...this.state]) as [
        Handle,
        ...Handle[],
      ];
      return { nll, kl: context.takeScalar(kl), state };
    } finally {
      this.free([number, ...fresh]);
    }
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
