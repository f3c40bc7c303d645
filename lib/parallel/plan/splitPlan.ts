import * as tf from '@tensorflow/tfjs';
import { type TensorFunction, type TensorSpec, trace } from '../../engine/compile/trace';
import type { CompiledFunction } from '../../engine/native/functions';
import type { Batch, Others } from '../../inference/method';
import { type Exchange, isSum } from './gradientFormat';
import { type LowRankPlan, planLowRank } from './lowRankPlan';
import { type Call, callCount, type Share, shardOf } from './schedule';
import { stateLengths } from './state';
import {
  counted,
  floats,
  gathered,
  inputSpecs,
  lengthsOf,
  numbered,
  scalar,
  type StepSpec,
} from './stepSpec';

/** One call of a worker, and what is compiled for it. */
export interface PlannedCall extends Call {
  /** Its number among all calls that see the same data. */
  place: number;
  /** Where a loss is not a sum over samples: for each of those calls, whether its samples are joined with these: 1 or 0. */
  joined: Float32Array | undefined;
  statistics: CompiledFunction | undefined;
  gradients: CompiledFunction;
}

/**
 * The step of one worker among others, or of one that makes it by several calls.
 *
 *   statistics:  x, y, rows, keys, step, sample, first, uniforms, ...vectors                     -> statistics
 *   gradients:   x, y, rows, keys, step, sample, first, uniforms, statistics, joined, ...vectors -> losses, ...gradients, in pieces
 *   sum:         ...gradients of each worker                                                     -> ...gradients
 *   update:      step, ...gradients of each worker, ...vectors, ...slots                         -> kl, ...vectors, ...slots
 *
 * The gradients of all calls of all workers are added up, then each worker updates its shard of the vectors. Uniforms are there if data
 * is augmented, statistics and joined if the loss is not a sum over samples. Where there are several processes, gradients are added up
 * within each of them by `sum`, and `update` takes the sum over all.
 */
export interface SplitPlan {
  kind: 'split';
  calls: readonly PlannedCall[];
  /** Undefined where there is one process, or one worker in each. */
  sum: CompiledFunction | undefined;
  /** Undefined where there are more workers than the vectors have shards. */
  update: CompiledFunction | undefined;
  /** Where gradients travel between processes as factors: for the first worker of each. */
  lowRank: LowRankPlan | undefined;
}

/** How gradients come together. */
export interface Gathering {
  /** Shares of the workers of each process. */
  crews: readonly (readonly Share[])[];
  exchange: Exchange;
}

/** The calls whose samples are joined with those of one call, and how many samples that are. */
interface Joined {
  weights: Float32Array;
  samples: number;
  calls: number;
}

/** Functions of the workers of a run. Workers with equal shares have the same, traced once. */
class Planner {
  private readonly traced = new Map<string, CompiledFunction>();
  private readonly lengths: readonly number[];
  private readonly lowRank: LowRankPlan | undefined;

  /** Calls of a step that see the same data. */
  private readonly calls: number;

  constructor(
    private readonly spec: StepSpec,
    private readonly gathering: Gathering,
  ) {
    this.lengths = lengthsOf(spec.program);
    this.calls = callCount(gathering.crews.flat());
    const { crews, exchange } = gathering;
    this.lowRank =
      crews.length > 1 && typeof exchange === 'object' ? planLowRank(spec.program, exchange.rank) : undefined;
  }

  /** @param workers of its process */
  plan({ rank, rows, calls, firstCall }: Share, workers: number): SplitPlan {
    const { crews, exchange } = this.gathering;
    const shard = this.lengths.map((length) => shardOf(length, workers, rank).count);
    const isEmpty = shard.every((length) => length === 0);
    const several = crews.length > 1;
    return {
      kind: 'split',
      calls: calls.map((call, i) => {
        const joined = this.joined(calls, firstCall, i);
        return {
          ...call,
          place: firstCall + i,
          joined: joined?.weights,
          statistics: joined && this.statistics(rows.count, call.count),
          gradients: this.gradients(rows.count, call.count, joined),
        };
      }),
      sum: several && !isEmpty && !isSum(workers, exchange) ? this.sum(shard, workers) : undefined,
      update: isEmpty ? undefined : this.update(shard, several ? 1 : workers),
      lowRank: rank === 0 ? this.lowRank : undefined,
    };
  }

  /** Undefined where the samples at hand are all that count. */
  private joined(own: readonly Call[], firstCall: number, index: number): Joined | undefined {
    const { program } = this.spec;
    const all = program.joins === 'step';
    const calls = all ? this.calls : own.length;
    if (!program.statistics || calls === 1) return undefined;
    const weights = new Float32Array(this.calls);
    if (all) weights.fill(1);
    else weights.fill(1, firstCall, firstCall + own.length);
    weights[firstCall + index] = 0;
    const samples = all ? program.samples : own.reduce((sum, { count }) => sum + count, 0);
    return { weights, samples, calls };
  }

  private once(key: string, make: () => CompiledFunction): CompiledFunction {
    let made = this.traced.get(key);
    if (!made) this.traced.set(key, (made = make()));
    return made;
  }

  /** What every function of a call takes first, and the batch that it makes of it. */
  private inputs(rows: number, samples: number) {
    const { shapes, augmenter } = this.spec;
    const specs = [...inputSpecs(this.spec, rows, samples), scalar, scalar];
    if (augmenter) specs.push({ shape: [rows, augmenter.uniforms], dtype: 'float32' });
    const batch = (args: readonly tf.Tensor[]): Batch => {
      const [x, y, rows, keys, step, sample, first, uniforms] = args as tf.Tensor[];
      const data = gathered(x!, y!, rows!);
      return {
        x: augmenter ? augmenter.apply(data.x, uniforms!) : data.x,
        y: data.y,
        keys: keys!,
        numbers: numbered(sample!, samples),
        first: first!,
        step: counted(step!),
        size: shapes.batch,
      };
    };
    return { specs, batch };
  }

  private statistics(rows: number, samples: number): CompiledFunction {
    return this.once(`statistics ${rows} ${samples}`, () => {
      const { specs, batch } = this.inputs(rows, samples);
      const statistics: TensorFunction = (...args) =>
        this.spec.program.statistics!(args.slice(specs.length), batch(args));
      return trace(statistics, [...specs, ...floats(this.lengths)]);
    });
  }

  private gradients(rows: number, samples: number, joined: Joined | undefined): CompiledFunction {
    const { program } = this.spec;
    const key = `gradients ${rows} ${samples} ${joined?.samples} ${joined?.calls}`;
    return this.once(key, () => {
      const { specs, batch } = this.inputs(rows, samples);
      const more: TensorSpec[] = [];
      if (joined) {
        const perDatum = this.statistics(rows, samples).outputs[0]!.shape.slice(1);
        more.push({ shape: [this.calls, rows, ...perDatum], dtype: 'float32' });
        more.push({ shape: [this.calls], dtype: 'float32' });
      }
      const gradients: TensorFunction = (...args) => {
        const [statistics, weights] = args.slice(specs.length);
        const others: Others | undefined = joined && {
          statistics: statistics!,
          joined: weights!,
          samples: joined.samples,
          calls: joined.calls,
        };
        const vectors = args.slice(specs.length + more.length);
        return program.gradientPieces
          ? program.gradientPieces(vectors, batch(args), others)
          : program.gradients(vectors, batch(args), others);
      };
      return trace(gradients, [...specs, ...more, ...floats(this.lengths)]);
    });
  }

  /** The sums of corresponding parts of lists that follow each other, in order. */
  private added(gradients: readonly tf.Tensor[], lists: number): tf.Tensor[] {
    const count = this.lengths.length;
    return Array.from({ length: count }, (_, i) => {
      const parts = Array.from({ length: lists }, (_, list) => gradients[list * count + i]!);
      return parts.reduce((sum, part) => tf.add(sum, part));
    });
  }

  private sum(shard: readonly number[], workers: number): CompiledFunction {
    return this.once(`sum ${workers} ${shard.join()}`, () => {
      const sum: TensorFunction = (...gradients) => this.added(gradients, workers);
      return trace(sum, floats(new Array(workers).fill(shard).flat() as number[]), { xla: true });
    });
  }

  /**
   * Adds gradients up in the order of the ranks, and makes a shard's step of the optimiser, in one pass over memory.
   * @param lists of gradients
   */
  private update(shard: readonly number[], lists: number): CompiledFunction {
    const { program } = this.spec;
    return this.once(`update ${lists} ${shard.join()}`, () => {
      const all = floats(new Array(lists).fill(shard).flat() as number[]);
      const update: TensorFunction = (step, ...rest) => {
        const count = shard.length;
        const gradients = this.added(rest, lists);
        const state = rest.slice(lists * count);
        return program.update(gradients, state.slice(0, count), state.slice(count), counted(step));
      };
      const specs = [scalar, ...all, ...floats(stateLengths(shard, program.slots))];
      return trace(update, specs, { xla: true });
    });
  }
}

/** Plans the steps of the workers of each process. */
export function planSplit(spec: StepSpec, gathering: Gathering): SplitPlan[][] {
  const planner = new Planner(spec, gathering);
  return gathering.crews.map((crew) => crew.map((share) => planner.plan(share, crew.length)));
}

/** Numbers of the statistics of a datum; 0 where the loss is a sum over samples. */
export function statisticsOf(plans: readonly SplitPlan[]): number {
  const [first] = plans.flatMap(({ calls }) => calls).flatMap(({ statistics }) => statistics ?? []);
  return first ? first.outputs[0]!.shape.slice(1).reduce((a, b) => a * b, 1) : 0;
}
