/** What is asked of draws, as compiled functions, and how much of it one call is asked. */
import { compiles } from '../../engine/tfjs/backend';
import { jit } from '../../engine/compile/jit';
import { type TensorFunction, type TensorSpec, trace } from '../../engine/compile/trace';
import { dtypeOf, type NdArray } from '../../ndarray';
import type { Learned, Program } from '../method';
import { type Cost, FEW_ROWS, rowsPerCall } from './rowsPerCall';

/** The data: x [N, ...], and y [N, ...] where it matters. */
export type Asked = readonly [x: NdArray] | readonly [x: NdArray, y: NdArray<Float32Array | Int32Array>];

/** keys [streams, draws, 2], numbers [draws], x [batch, ...], y [batch, ...] where it matters, ...learned -> [draws, batch, ...] each */
export interface Calls {
  ask: TensorFunction;
  draws: number;
  batch: number;
}

/** Draws of a call. */
const DRAWS_PER_CALL = 16;

/** So few rows go into one call, whatever the model. */
const SURE_TO_FIT = 64;

/** From so many random numbers on (about a second of them), XLA's faster ones are worth the wait for its compiler. */
const WORTH_XLA = 1e8;

/** What can be asked of draws: what they predict for x, and how likely they find y given x. */
type Question = 'predict' | 'evaluate';

/** Compiled once for all posteriors of a program. */
interface Answer {
  plain: TensorFunction;
  /** Ready at once, or fast. */
  ready: TensorFunction;
  fast: TensorFunction;
  /** Of a call, once it is known. */
  cost?: Cost;
}

const answers = new WeakMap<Program, Partial<Record<Question, Answer>>>();

function answerTo(question: Question, program: Program): Answer {
  let own = answers.get(program);
  if (!own) answers.set(program, (own = {}));
  const predict: TensorFunction = (keys, numbers, x, ...learned) =>
    program.predict(learned, x, { keys, numbers });
  const evaluate: TensorFunction = (keys, numbers, x, y, ...learned) =>
    program.evaluate(learned, x, y, { keys, numbers });
  const plain = question === 'predict' ? predict : evaluate;
  return (own[question] ??= { plain, ready: jit(plain, { xla: 'never' }), fast: jit(plain) });
}

/** What a call computes, by the operations of one for a row and of one for two. */
function costOf(
  plain: TensorFunction,
  { streams }: Program,
  learned: Learned,
  asked: Asked,
  draws: number,
): Cost {
  const numbersFor = (rows: number): number => {
    const specs: TensorSpec[] = [
      { shape: [streams, draws, 2], dtype: 'int32' },
      { shape: [draws], dtype: 'int32' },
      ...asked.map((values): TensorSpec => ({
        shape: [rows, ...values.shape.slice(1)],
        dtype: dtypeOf(values),
      })),
      ...learned.vectors.map(({ length }): TensorSpec => ({ shape: [length], dtype: 'float32' })),
    ];
    return trace(plain, specs, { xla: 'never' }).elements;
  };
  const [one, two] = [numbersFor(1), numbersFor(2)];
  return { draws: 2 * one - two, row: two - one };
}

/** How to ask all draws of all data. @param samples draws in all */
export function callsFor(program: Program, learned: Learned, asked: Asked, samples: number): Calls {
  const answer = answerTo(asked.length === 1 ? 'predict' : 'evaluate', program);
  const rows = asked[0].shape[0]!;
  const draws = Math.min(DRAWS_PER_CALL, learned.draws);
  const isKnown = rows > SURE_TO_FIT && compiles();
  if (isKnown) answer.cost ??= costOf(answer.plain, program, learned, asked, draws);
  const batch = isKnown ? rowsPerCall(rows, answer.cost!) : Math.min(rows, FEW_ROWS);
  const drawnNumbers = program.drawnNumbers * samples * Math.ceil(rows / batch);
  return { ask: drawnNumbers < WORTH_XLA ? answer.ready : answer.fast, draws, batch };
}
