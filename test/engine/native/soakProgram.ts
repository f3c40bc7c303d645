/** Long runs in a process of their own, where nothing else takes or gives back memory. */
import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as tf from '@tensorflow/tfjs';
import { jit } from '../../../lib/engine/compile/jit';
import { viewedBytes } from '../../../lib/engine/native/readback';
import { tensorflow } from '../../../lib/engine/tfjs/tensorflow';

/** What a long run leaves behind, after a short one that made what is kept. */
export interface Left {
  /** Tensors of tfjs, of the binding and of the context. */
  tensors: [number, number, number];
  /** Bytes of the process. */
  memory: number;
  /** Bytes of tensors that arrays look into. */
  viewed: number;
  /** The loss after the short run and after the long one: that something was done. */
  losses: [number, number];
}

const WARM_UP = 1000;
const STEPS = 10_000;
/** Steps between two collections, lest garbage be counted. */
const COLLECT = 500;
const N = 32; // a tensor of 4 kB: one that is lost in each step makes 40 MB

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Counts what there is, when nothing waits to be collected. */
async function count(): Promise<Omit<Left, 'losses'>> {
  for (let i = 0; i < 3; i++) {
    collect();
    await new Promise(setImmediate); // finalisers
  }
  const { binding, context } = tensorflow();
  return {
    tensors: [tf.memory().numTensors, binding.getNumOfTensors(), context.liveTensors],
    memory: process.memoryUsage.rss(),
    viewed: viewedBytes(),
  };
}

async function left(run: (steps: number) => Promise<number> | number): Promise<Left> {
  const short = await run(WARM_UP);
  const before = await count();
  const long = await run(STEPS);
  const after = await count();
  return {
    tensors: after.tensors.map((n, i) => n - before.tensors[i]!) as Left['tensors'],
    memory: after.memory - before.memory,
    viewed: after.viewed - before.viewed,
    losses: [short, long],
  };
}

/** One step of gradient descent on a quadratic. */
function descend(w: tf.Tensor, x: tf.Tensor): [tf.Tensor, tf.Tensor] {
  const { value, grad } = tf.valueAndGrad((v: tf.Tensor) => tf.mean(tf.square(tf.sub(tf.matMul(v, x), x))))(
    w,
  );
  return [tf.sub(w, tf.mul(grad, 0.1)), value];
}

function descent(step: typeof descend): (steps: number) => number {
  const x = tf.eye(N);
  let w: tf.Tensor = tf.zeros([N, N]);
  return (steps) => {
    let loss = NaN;
    for (let i = 0; i < steps; i++) {
      const [next, value] = tf.tidy(() => step(w, x));
      if (i % 100 === 0) loss = value.dataSync()[0]!;
      tf.dispose([w, value]);
      w = next;
      if (i % COLLECT === 0) collect();
    }
    return loss;
  };
}

/** Text, and arrays that are large enough to be shown where they are. */
function textAndReads(): (steps: number) => Promise<number> {
  const { context } = tensorflow();
  const text = new Array<string>(10).fill('x'.repeat(1000));
  const zeros = tf.zeros([512, 1024]);
  const large = tf.add(zeros, 1); // values that only TensorFlow has
  return async (steps) => {
    for (let i = 0; i < steps; i++) {
      context.free(context.strings([10], text));
      if (i % COLLECT !== 0) continue;
      assert.equal((await large.data())[0], 1);
      collect();
    }
    return 1 / steps;
  };
}

/** Operations that are refused. */
function refusals(): (steps: number) => number {
  const [x, y] = [tf.ones([2, 3]), tf.ones([4, 5])];
  const { binding, backend } = tensorflow();
  return (steps) => {
    const ids = backend.getInputTensorIds([x, y]);
    for (let i = 0; i < steps; i++) {
      assert.throws(() => binding.executeOp('MatMul', [], ids, 1));
      if (i % COLLECT === 0) collect();
    }
    return 1 / steps;
  };
}

const runs = {
  'one operation at a time': () => descent(descend),
  compiled: () => descent(jit(descend as unknown as (...tensors: tf.Tensor[]) => tf.Tensor[]) as never),
  'text and large arrays': textAndReads,
  'operations that are refused': refusals,
};

export const names = Object.keys(runs) as (keyof typeof runs)[];

/** Prints what one of the runs leaves behind. */
export async function soak(name: keyof typeof runs): Promise<void> {
  tensorflow();
  process.stdout.write(JSON.stringify(await left(runs[name]())));
}
