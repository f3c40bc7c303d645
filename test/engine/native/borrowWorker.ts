/** A worker thread that borrows a context, and gives it back or ends in one of the ways of the tests. */
import { performance } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import { typeAttribute } from '../../../lib/engine/native/attributes';
import { Context, type Handle, type LentContext } from '../../../lib/engine/native/context';
import { DataType } from '../../../lib/engine/native/dtype';
import type { CompiledFunction } from '../../../lib/engine/native/functions';

/** What the worker is given. */
export interface Borrowing {
  lent: LentContext;
  role: Role;
  /** What 'calling' calls, with a vector. */
  fn?: CompiledFunction;
}

/** What 'calling' says. */
export interface Called {
  values: Float32Array;
  /** Milliseconds of the first call and of the second. */
  times: [number, number];
}

const N = 512; // a tensor of 1 MB
const float = typeAttribute('T', DataType.float32);
const zeros = new Float32Array(N * N);
const tell = (message: unknown): void => parentPort!.postMessage(message);

/** Tensors that stay. */
const hold = (context: Context, count: number): Handle[] =>
  Array.from({ length: count }, () => context.tensor(DataType.float32, [N, N], zeros));

const roles = {
  /** Gives the context back as it found it. */
  returning(context: Context) {
    const [sum] = context.execute('Sum', [float, typeAttribute('Tidx', DataType.int32)], axes(context), 1);
    tell(context.read(sum!));
    context.dispose();
  },
  /** Never ends: tensors go in and out, operations run, and some are refused. */
  looping(context: Context) {
    const [x] = hold(context, 8) as [Handle];
    const target = new Float32Array(N * N);
    tell('ready');
    for (;;) {
      const fresh = context.tensor(DataType.float32, [N, N], zeros);
      const [y] = context.execute('AddV2', [float], [x, fresh], 1) as [Handle];
      context.readInto(y, target);
      context.read(y);
      try {
        context.execute(
          'MatMul',
          [float],
          [x, context.tensor(DataType.float32, [1], zeros.subarray(1, 2))],
          1,
        );
      } catch {
        // as it should be; the operation is lost, and the small tensor stays
      }
      [fresh, y].forEach((each) => context.free(each));
    }
  },
  /** Never ends: a large tensor is written and read, and hardly anything else takes time. */
  moving(context: Context) {
    const values = new Float32Array(32 * N * N);
    tell('ready');
    for (;;) {
      const large = context.tensor(DataType.float32, [values.length], values);
      context.readInto(large, values);
      context.free(large);
    }
  },
  exiting(context: Context) {
    hold(context, 3);
    process.exit(0);
  },
  /** Uses up the memory of JavaScript, bit by bit: Node 24 ends the process, and not the thread, if all is taken in one go. */
  growing(context: Context) {
    hold(context, 3);
    const kept: number[][] = [];
    const grow = (): void => {
      for (let i = 0; i < 10; i++) kept.push(new Array<number>(1000).fill(kept.length));
      setImmediate(grow);
    };
    grow();
  },
  /** Keeps the context until it is told to give it back. */
  waiting(context: Context) {
    hold(context, 1);
    parentPort!.once('message', () => context.dispose());
    tell('ready');
  },
  calling(context: Context) {
    const fn = (workerData as Borrowing).fn!;
    context.load(fn.definitions);
    const x = context.tensor(DataType.float32, [4], Float32Array.of(-1, 0, 0.25, 2));
    const times = [0, 0].map(() => {
      const start = performance.now();
      const outputs = context.execute(fn.name, fn.attributes, [x], 1);
      const time = performance.now() - start;
      return { time, values: context.read(outputs[0]!) as Float32Array };
    });
    tell({
      values: times[1]!.values,
      times: times.map(({ time }) => time) as [number, number],
    } satisfies Called);
    process.exit(0); // and gives nothing back
  },
} satisfies Record<string, (context: Context) => void>;

/** A matrix of ones and all of its axes. */
function axes(context: Context): [Handle, Handle] {
  const ones = context.share(DataType.float32, [2, 3], new Float32Array(6).fill(1));
  return [ones, context.tensor(DataType.int32, [2], Int32Array.of(0, 1))];
}

export type Role = keyof typeof roles;

if (parentPort) {
  const { lent, role } = workerData as Borrowing;
  roles[role](Context.borrow(lent));
}
