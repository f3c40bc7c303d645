/** A worker thread that runs a compiled function of the main thread in a context of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import { Context } from '../../../lib/engine/native/context';
import { DataType } from '../../../lib/engine/native/dtype';
import type { CompiledFunction } from '../../../lib/engine/native/functions';
import type { TypedArray } from '../../../lib/ndarray';

/** What the worker is given: a function of one vector, and the vector. */
export interface FunctionWork {
  fn: CompiledFunction;
  x: Float32Array;
}

const { fn, x } = workerData as FunctionWork;
const context = new Context();
context.load(fn.definitions);
context.load(fn.definitions); // known ones are skipped
const input = context.tensor(DataType.float32, [x.length], x);
const outputs = context.execute(fn.name, fn.attributes, [input], fn.outputs.length);
parentPort!.postMessage(outputs.map((handle) => context.read(handle) as TypedArray));
[input, ...outputs].forEach((handle) => context.free(handle));
context.dispose();
