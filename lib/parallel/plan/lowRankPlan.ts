import * as tf from '@tensorflow/tfjs';
import { trace } from '../../engine/compile/trace';
import type { CompiledFunction } from '../../engine/native/functions';
import type { Program, Variable } from '../../inference/method';
import { sizeOf } from '../../ndarray';
import { floats, lengthsOf } from './stepSpec';

/** The rows or the columns of a matrix: which of its factors travels. */
export type Side = 'rows' | 'columns';

export const otherSide = (side: Side): Side => (side === 'rows' ? 'columns' : 'rows');

/** A matrix that travels as factors: M [rows, columns] ~ P [rows, rank] Q' [rank, columns]. */
export interface Matrix {
  rows: number;
  columns: number;
}

/** What a factor is made by, and what of its sum over the processes makes gradients again. */
export interface Turn {
  /** ...gradients, ...errors, ...bases -> message */
  compress: CompiledFunction;
  /** own message, sum of the messages, ...gradients, ...errors, ...bases -> ...gradients, ...errors */
  expand: CompiledFunction;
  /** Where the factor of each matrix starts in the message. */
  factors: readonly number[];
}

/**
 * How gradients travel as factors of a low rank: those that are matrices, and are large enough for it; others go as they are. Each step
 * sends one factor, P or Q, made with the orthonormal basis of the other that the last step has left; what is lost is added to the
 * gradients of the next step. All is linear, so the sum of the factors is that of the sum of the gradients.
 *
 * Vogels, Karimireddy and Jaggi, "PowerSGD", NeurIPS 2019; one factor a step: Zhang et al., "Evaluation and optimization of gradient
 * compression for distributed deep learning" (ACP-SGD), ICDCS 2023.
 */
export interface LowRankPlan {
  rank: number;
  matrices: readonly Matrix[];
  turns: Record<Side, Turn>;
}

/** A part of a vector: a matrix, or what lies between two. */
interface Segment {
  count: number;
  matrix: Matrix | undefined;
}

/** A variable as a matrix, its last axis the columns, where a factor of this rank is half as many numbers at most. */
function matrixOf({ shape }: Variable, rank: number): Matrix | undefined {
  const columns = shape.at(-1) ?? 1;
  const rows = sizeOf(shape) / columns;
  return 2 * rank <= Math.min(rows, columns) ? { rows, columns } : undefined;
}

/** The segments of each vector, in order. */
function segmentsOf(program: Program, rank: number): Segment[][] {
  return program.vectors.map(({ length }, vector) => {
    const own = program.variables
      .filter((variable) => variable.vector === vector)
      .sort((a, b) => a.offset - b.offset);
    const segments: Segment[] = [];
    let at = 0;
    for (const variable of own) {
      const matrix = matrixOf(variable, rank);
      if (!matrix) continue;
      if (variable.offset > at) segments.push({ count: variable.offset - at, matrix: undefined });
      segments.push({ count: matrix.rows * matrix.columns, matrix });
      at = variable.offset + matrix.rows * matrix.columns;
    }
    if (length > at) segments.push({ count: length - at, matrix: undefined });
    return segments;
  });
}

const joined = (parts: readonly tf.Tensor[]): tf.Tensor =>
  parts.length === 1 ? parts[0]! : tf.concat(parts as tf.Tensor[]);

/** The functions of one side. */
class TurnPlanner {
  constructor(
    private readonly lengths: readonly number[],
    private readonly vectors: readonly (readonly Segment[])[],
    private readonly matrices: readonly Matrix[],
    private readonly rank: number,
    private readonly side: Side,
  ) {}

  plan(): Turn {
    const { lengths, matrices, rank, side, vectors } = this;
    const other = otherSide(side);
    const errors = matrices.map(({ rows, columns }) => ({
      shape: [rows, columns],
      dtype: 'float32' as const,
    }));
    const bases = matrices.map((matrix) => ({ shape: [matrix[other], rank], dtype: 'float32' as const }));
    const specs = [...floats(lengths), ...errors, ...bases];
    const compress = trace((...args) => this.compress(args), specs);
    const message = compress.outputs[0]!.shape[0]!;
    const expand = trace(
      (own, sum, ...args) => this.expand(own, sum, args),
      [...floats([message, message]), ...specs],
    );
    const factors: number[] = [];
    let at = 0;
    for (const segment of vectors.flat()) {
      if (segment.matrix) factors.push(at);
      at += this.sent(segment);
    }
    return { compress, expand, factors };
  }

  /** Numbers of a segment in the message. */
  private sent({ count, matrix }: Segment): number {
    return matrix ? matrix[this.side] * this.rank : count;
  }

  /** Each segment with its gradient, and where it is a matrix, with what was lost before added, and the basis. */
  private segments(args: readonly tf.Tensor[]) {
    const count = this.lengths.length;
    const [gradients, errors] = [args.slice(0, count), args.slice(count, count + this.matrices.length)];
    const bases = args.slice(count + this.matrices.length);
    let number = 0;
    return this.vectors.map((segments, vector) => {
      let at = 0;
      return segments.map((segment) => {
        const { count, matrix } = segment;
        const sent = this.sent(segment);
        const values = tf.slice(gradients[vector]!, at, count);
        at += count;
        if (!matrix) return { values, sent, matrix, basis: undefined };
        const whole = tf.add(tf.reshape(values, [matrix.rows, matrix.columns]), errors[number]!);
        return { values: whole, sent, matrix, basis: bases[number++]! };
      });
    });
  }

  private compress(args: readonly tf.Tensor[]): tf.Tensor {
    const parts = this.segments(args).flat();
    return joined(
      parts.map(({ values, basis }) =>
        basis ? tf.reshape(tf.matMul(values, basis, this.side === 'columns'), [-1]) : values,
      ),
    );
  }

  private expand(own: tf.Tensor, sum: tf.Tensor, args: readonly tf.Tensor[]): tf.Tensor[] {
    const { rank, side } = this;
    const errors: tf.Tensor[] = [];
    let at = 0;
    const gradients = this.segments(args).map((segments) =>
      joined(
        segments.map(({ values, sent, matrix, basis }) => {
          const from = at;
          at += sent;
          if (!matrix) return tf.slice(sum, from, sent);
          const product = (message: tf.Tensor): tf.Tensor => {
            const factor: tf.Tensor2D = tf.reshape(tf.slice(message, from, sent), [matrix[side], rank]);
            return side === 'rows'
              ? tf.matMul(factor, basis, false, true)
              : tf.matMul(basis, factor, false, true);
          };
          errors.push(tf.sub(values, product(own)));
          return tf.reshape(product(sum), [-1]);
        }),
      ),
    );
    return [...gradients, ...errors];
  }
}

/** Undefined where no variable is a matrix that is large enough. */
export function planLowRank(program: Program, rank: number): LowRankPlan | undefined {
  const vectors = segmentsOf(program, rank);
  const matrices = vectors.flat().flatMap(({ matrix }) => matrix ?? []);
  if (matrices.length === 0) return undefined;
  const turn = (side: Side): Turn =>
    new TurnPlanner(lengthsOf(program), vectors, matrices, rank, side).plan();
  return { rank, matrices, turns: { rows: turn('rows'), columns: turn('columns') } };
}
