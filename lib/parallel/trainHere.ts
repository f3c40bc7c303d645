import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs';
import { Batches } from '../data/batches';
import { gatherRows } from '../engine/compile/gather';
import { CredenceError } from '../errors';
import { advanceChain } from '../inference/chains/chain';
import { putChain, takeChain } from '../inference/chains/layout';
import type { Potential } from '../inference/chains/phase';
import type { Batch, Hamiltonian, Others, Program } from '../inference/method';
import { dtypeOf } from '../ndarray';
import { augmentationUniforms, noiseKeys, streamKey } from '../streams';
import { foldIn, type Key } from '../threefry';
import { Control, Decision, meaningOf } from './memory/control';
import { noTime } from './memory/stopwatch';
import { type Call, type Share, shareOut } from './plan/schedule';
import { keptBy, startOf, type TrainingState } from './plan/state';
import { lossesOf } from './plan/stepSpec';
import { findBadNumber } from './step/badNumber';
import type { Ending, Observer, Training, TrainingData, TrainingOptions } from './training';
import type { Report } from './worker/protocol';
import { Reporter } from './worker/reporter';

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
  private readonly keys: { noise: Key; augmentation: Key };
  private readonly share: Share;
  private readonly rows: Int32Array;
  private readonly reporter: Reporter;
  private state: tf.Tensor[];
  /** The state one step ago, whose loss is known to be finite. */
  private before: tf.Tensor[] = [];
  private saved: TrainingState;
  private readonly kept: Float32Array[][];

  constructor(
    private readonly program: Program,
    { x, y, yShape }: TrainingData,
    private readonly options: TrainingOptions,
    observer: Observer,
  ) {
    const { batch, seed, augmentationGroups = 1, samplesPerCall = program.samples } = options;
    this.saved = options.from ?? startOf(program, seed);
    this.kept = this.saved.kept.map((set) => [...set]);
    // kept: whoever calls `fit` may do so inside tf.tidy
    this.state = [...this.saved.vectors, ...this.saved.slots].map((values) => tf.keep(tf.tensor1d(values)));
    const type = dtypeOf(y);
    this.data = { x: tf.keep(tf.tensor(x, [...x.shape])), y: tf.keep(tf.tensor(y, [...yShape], type)) };
    this.batches = new Batches(streamKey(seed, 'order of the data'), x.shape[0]!, batch);
    this.keys = {
      noise: streamKey(seed, 'noise of a step'),
      augmentation: streamKey(seed, 'augmentation'),
    };
    const work = { samples: program.samples, batch, groups: augmentationGroups, samplesPerCall };
    this.share = shareOut({ sample: 1, data: 1 }, work)[0]!;
    this.rows = new Int32Array(batch);
    this.reporter = new Reporter({
      postMessage: (report: Report) => {
        if (report.type === 'metrics') observer.metrics(report.step, report.nll, report.kl);
        else if (report.type === 'saved') observer.saved(() => this.copy());
      },
    });
  }

  /** The last copy of the state. */
  copy(): TrainingState {
    const { step, vectors, slots, kept } = this.saved;
    return {
      step,
      vectors: vectors.map((values) => values.slice()),
      slots: slots.map((values) => values.slice()),
      kept: kept.map((set) => set.map((values) => values.slice())),
    };
  }

  /** Computes a step, and leaves the state as it is. */
  advance(step: number): Step {
    const { program, state, rows } = this;
    if (program.hamiltonian) return this.iterate(step, program.hamiltonian);
    this.batches.fill(rows, step);
    const count = program.vectors.length;
    const [vectors, slots] = [state.slice(0, count), state.slice(count)];
    const [nll, kl, ...next] = tf.tidy((): [tf.Tensor, tf.Tensor, ...tf.Tensor[]] => {
      const batches = this.share.calls.map((call) => this.batch(step, call));
      const others = this.others(vectors, batches);
      const parts = batches.map((batch, i) => program.gradients(vectors, batch, others?.[i]));
      const [losses, ...gradients] = parts.reduce((sums, part) =>
        sums.map((sum, i) => tf.add(sum, part[i]!)),
      );
      const [kl, ...rest] = program.update(gradients, vectors, slots, tf.scalar(step + 1));
      return [...lossesOf(losses!, kl!), ...rest];
    });
    const losses = [nll, kl].map((loss) => loss.dataSync()[0]!) as [number, number];
    tf.dispose([nll, kl]);
    return { nll: losses[0], kl: losses[1], state: next.map(tf.keep) };
  }

  /** An iteration of each chain. */
  private iterate(step: number, { sampler, layout, potential }: Hamiltonian): Step {
    const { data, keys, program, rows } = this;
    const arrays = this.read(this.state);
    const density: Potential = (q) => {
      const found = tf.tidy(() => potential(tf.tensor1d(Float32Array.from(q)), data.x, data.y).dataSync());
      return { nll: found[0]!, nlp: found[1]!, gradient: found.subarray(2) };
    };
    const sums = { nll: 0, nlp: 0 };
    for (let chain = 0; chain < program.samples; chain++) {
      const key = foldIn(foldIn(keys.noise, step), chain);
      const state = takeChain(arrays, layout, chain);
      const { nll, nlp } = advanceChain(sampler, state, { iteration: step, key }, { potential: density });
      putChain(arrays, layout, chain, state);
      sums.nll += nll;
      sums.nlp += nlp;
    }
    const share = 1 / (program.samples * rows.length);
    return {
      nll: sums.nll * share,
      kl: sums.nlp * share,
      state: arrays.map((values) => tf.keep(tf.tensor1d(values))),
    };
  }

  /** What one call of a step sees. */
  private batch(step: number, { first, count, group }: Call): Batch {
    const { program, rows, options, keys } = this;
    const { streams } = program;
    const { augmenter } = options;
    const chosen = tf.tensor1d(rows, 'int32');
    const noise = noiseKeys(keys.noise, step, { streams, samples: count, firstSample: first });
    let x = gatherRows(this.data.x, chosen);
    if (augmenter) {
      const { uniforms } = augmenter;
      const range = { uniforms, first: 0, count: rows.length };
      const numbers = augmentationUniforms(keys.augmentation, step, group, range);
      x = augmenter.apply(x, tf.tensor2d(numbers, [rows.length, uniforms]));
    }
    return {
      x,
      y: gatherRows(this.data.y, chosen),
      keys: tf.tensor3d(noise, [streams, count, 2], 'int32'),
      numbers: tf.range(first, first + count, 1, 'int32'),
      first: tf.scalar(0, 'int32'),
      step: tf.scalar(step + 1),
      size: rows.length,
    };
  }

  /** For each call, what the others know of their samples, where the loss is not a sum over samples. */
  private others(vectors: readonly tf.Tensor[], batches: readonly Batch[]): Others[] | undefined {
    const { program } = this;
    if (!program.statistics || batches.length === 1) return undefined;
    const statistics = tf.stack(batches.map((batch) => program.statistics!(vectors, batch)));
    return batches.map((_, own) => ({
      statistics,
      joined: tf.tensor1d(batches.map((_, i) => (i === own ? 0 : 1))),
      samples: program.samples,
      calls: batches.length,
    }));
  }

  /** Takes the first step, and all others each in a turn of its own: messages, timers and pictures have their time between them. */
  async run(first: Step): Promise<Ending> {
    const { control, reporter, options } = this;
    let { step } = this.saved;
    let last = options.steps;
    try {
      for (let next: Step | undefined = first; step < last; next = undefined) {
        const { nll, kl, state } = next ?? this.advance(step);
        await nextTurn();
        if (!Number.isFinite(nll + kl)) {
          const values = (tensors: readonly tf.Tensor[]): Float32Array[] =>
            tensors.slice(0, this.program.vectors.length).map((tensor) => tensor.dataSync() as Float32Array);
          const bad = findBadNumber(values(this.state), values(state));
          tf.dispose(state);
          this.save(this.goBack() ? step - 1 : step);
          return { end: 'diverged', step, nll, kl, bad };
        }
        tf.dispose(this.before);
        [this.before, this.state] = [this.state, state];
        reporter.record(step, [nll], [kl]);
        step++;
        if (keptBy(step, this.program.keeping) > this.kept.length) {
          this.kept.push(this.read(this.state.slice(0, this.program.vectors.length)));
        }
        const agreement = control.agree();
        const { decision } = agreement;
        const rows = this.data.x.shape[0];
        const meaning = meaningOf(agreement, { step, last, rows, batch: options.batch });
        last = meaning.last;
        if (meaning.saves) this.save(step);
        if (decision === Decision.stop) break;
        if (decision === Decision.pause) reporter.flush();
        while (control.wish === Decision.pause) await delay(SLICE_MS);
      }
      return { end: step < options.steps ? 'stopped' : 'done', step };
    } catch (cause) {
      this.save(step); // the weights of the last good step are kept
      if (cause instanceof CredenceError) throw cause;
      throw new CredenceError('E_ENGINE', `training failed: ${(cause as Error).message}`, { cause });
    } finally {
      reporter.flush();
      this.dispose();
    }
  }

  /** To the weights that made sense last: the present ones gave a loss that is no number. Whether there are any. */
  private goBack(): boolean {
    if (this.before.length === 0) return false;
    tf.dispose(this.state);
    [this.before, this.state] = [[], this.before];
    return true;
  }

  private read(tensors: readonly tf.Tensor[]): Float32Array[] {
    return tensors.map((tensor) => tensor.dataSync().slice() as Float32Array);
  }

  private save(step: number): void {
    const values = this.read(this.state);
    const count = this.program.vectors.length;
    this.saved = { step, vectors: values.slice(0, count), slots: values.slice(count), kept: [...this.kept] };
    this.reporter.saved();
  }

  dispose(): void {
    tf.dispose([...this.state, ...this.before, this.data.x, this.data.y]);
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
  const started = performance.now();
  const trainer = new EagerTrainer(program, data, options, observer);
  try {
    const first = trainer.advance(options.from?.step ?? 0);
    let ended: number | undefined;
    return {
      ask: (wish) => trainer.control.ask(wish),
      askSave: () => trainer.control.askSave(),
      state: () => trainer.copy(),
      times: () => [{ ...noTime, compute: ((ended ?? performance.now()) - started) / 1000 }],
      ending: trainer.run(first).finally(() => (ended = performance.now())),
    };
  } catch (error) {
    trainer.dispose();
    throw error;
  }
}
