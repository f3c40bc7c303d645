import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs';
import { Batches } from '../data/batches';
import { gatherRows } from '../engine/compile/gather';
import { CredenceError } from '../errors';
import type { Program } from '../inference/method';
import { noiseKeys, streamKey } from '../streams';
import { type Key } from '../threefry';
import { Control, Decision } from './control';
import type { Outcome, Report } from './protocol';
import { Reporter } from './reporter';
import type { Observer, Training, TrainingData, TrainingOptions } from './training';

/** A paused run looks this often whether it may go on. */
const SLICE_MS = 50;

/** The losses of a step, and the vectors and optimiser state after it. */
interface Step {
  nll: number;
  kl: number;
  state: tf.Tensor[];
}

/** A training step, operation by operation. It owns tensors until `dispose`. */
class EagerTrainer {
  readonly control = new Control();
  private readonly data: { x: tf.Tensor; y: tf.Tensor };
  private readonly batches: Batches;
  private readonly noise: Key;
  private readonly rows: Int32Array;
  private readonly reporter: Reporter;
  private state: tf.Tensor[];
  /** The state one step ago, whose loss is known to be finite. */
  private sound: tf.Tensor[] = [];
  private saved: Float32Array[];

  constructor(
    private readonly program: Program,
    { x, y, yShape }: TrainingData,
    { batch, seed }: TrainingOptions,
    observer: Observer,
  ) {
    const { vectors, slots } = program;
    this.saved = vectors.map(({ initial }) => initial(seed));
    const zeros = vectors.flatMap(({ length }) => Array.from({ length: slots }, () => tf.zeros([length])));
    // kept: whoever calls `fit` may do so inside tf.tidy
    this.state = [...this.saved.map((values) => tf.tensor1d(values)), ...zeros].map(tf.keep);
    const type = y instanceof Int32Array ? 'int32' : 'float32';
    this.data = { x: tf.keep(tf.tensor(x, [...x.shape])), y: tf.keep(tf.tensor(y, [...yShape], type)) };
    this.batches = new Batches(streamKey(seed, 'order of the data'), x.shape[0]!, batch);
    this.noise = streamKey(seed, 'noise of a step');
    this.rows = new Int32Array(batch);
    this.reporter = new Reporter({
      postMessage: (report: Report) => {
        if (report.type === 'metrics') observer.metrics(report.nll, report.kl);
        else if (report.type === 'snapshot') observer.snapshot(this.vectors());
      },
    });
  }

  /** A copy of the vectors: of the last snapshot, or of the end. */
  vectors(): Float32Array[] {
    return this.saved.map((values) => values.slice());
  }

  /** Computes a step, and leaves the state as it is. */
  advance(step: number): Step {
    const { program, state, rows } = this;
    const { streams, samples } = program;
    this.batches.fill(rows, step);
    const noise = noiseKeys(this.noise, step, { streams, samples, firstSample: 0 });
    const [vectors, slots] = [state.slice(0, program.vectors.length), state.slice(program.vectors.length)];
    const [nll, kl, ...next] = tf.tidy(() => {
      const chosen = tf.tensor1d(rows, 'int32');
      const x = gatherRows(this.data.x, chosen);
      const y = gatherRows(this.data.y, chosen);
      const keys = tf.tensor3d(noise, [streams, samples, 2], 'int32');
      const [nll, ...gradients] = program.gradients(vectors, {
        x,
        y,
        keys,
        first: tf.scalar(0, 'int32'),
        size: rows.length,
      }) as [tf.Tensor, ...tf.Tensor[]];
      return [nll, ...program.update(gradients, vectors, slots, tf.scalar(step + 1))];
    }) as [tf.Tensor, tf.Tensor, ...tf.Tensor[]];
    const losses = [nll, kl].map((loss) => loss.dataSync()[0]!) as [number, number];
    tf.dispose([nll, kl]);
    return { nll: losses[0], kl: losses[1], state: next.map(tf.keep) };
  }

  /** Takes the first step, and all others each in a turn of its own: messages, timers and pictures have their time between them. */
  async run(first: Step, steps: number): Promise<Outcome> {
    const { control, reporter } = this;
    try {
      for (let step = 0; step < steps; step++) {
        const { nll, kl, state } = step === 0 ? first : this.advance(step);
        await nextTurn();
        if (!Number.isFinite(nll + kl)) {
          tf.dispose(state);
          this.goBack();
          return { end: 'diverged', step, nll, kl };
        }
        tf.dispose(this.sound);
        this.sound = this.state;
        this.state = state;
        reporter.record(nll, kl);
        if (control.takeSnapshotWish()) {
          this.save();
          reporter.snapshot(step + 1);
        }
        if (control.decision === Decision.pause) reporter.flush();
        while (control.decision === Decision.pause) await delay(SLICE_MS);
        if (control.decision === Decision.stop) return { end: 'stopped', step: step + 1 };
      }
      return { end: 'done', step: steps };
    } catch (cause) {
      if (cause instanceof CredenceError) throw cause;
      throw new CredenceError('E_ENGINE', `training failed: ${(cause as Error).message}`, { cause });
    } finally {
      this.save(); // also after an error: the weights of the last good step are kept
      reporter.flush();
      this.dispose();
    }
  }

  /** To the weights that made sense last: the present ones gave a loss that is no number. */
  private goBack(): void {
    if (this.sound.length === 0) return; // there has been no step
    tf.dispose(this.state);
    this.state = this.sound;
    this.sound = [];
  }

  private save(): void {
    this.saved = this.saved.map((_, i) => this.state[i]!.dataSync().slice() as Float32Array);
  }

  dispose(): void {
    tf.dispose([...this.state, ...this.sound, this.data.x, this.data.y]);
  }
}

/**
 * Trains on this thread, operation by operation: what `startTraining` does where there is no TensorFlow, and so nothing that could be
 * sent to other threads. The same batches, noise and rules for the end; the weights are the same to rounding.
 * @throws what the model throws for data of this shape
 */
export function trainHere(
  program: Program,
  data: TrainingData,
  options: TrainingOptions,
  observer: Observer,
): Training {
  const trainer = new EagerTrainer(program, data, options, observer);
  try {
    const first = trainer.advance(0);
    return {
      control: trainer.control,
      vectors: () => trainer.vectors(),
      outcome: trainer.run(first, options.steps),
    };
  } catch (error) {
    trainer.dispose();
    throw error;
  }
}
