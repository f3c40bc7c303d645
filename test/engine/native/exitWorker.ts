/** A worker thread that is busy, or ends, in one of the ways of `exitProgram`. */
import { parentPort, workerData } from 'node:worker_threads';
import * as tf from '@tensorflow/tfjs';
import { typeAttribute } from '../../../lib/engine/native/attributes';
import { Context } from '../../../lib/engine/native/context';
import { DataType } from '../../../lib/engine/native/dtype';
import { jit } from '../../../lib/engine/compile/jit';
import { tensorflow } from '../../../lib/engine/tfjs/tensorflow';

const N = 300;
const float = typeAttribute('T', DataType.float32);
const ready = (): void => parentPort!.postMessage('ready');

/** Does something over and over, and never looks at its messages. */
function forever(work: () => void): never {
  work();
  ready();
  for (;;) work();
}

const kept: unknown[] = [];

/** Reads values that are many enough to be shown where they are, in TensorFlow's memory, and keeps them to the end. */
export function keepLarge(): void {
  tensorflow();
  kept.push(tf.add(tf.zeros([1024, 1024]), 1).dataSync());
}

const product = (x: tf.Tensor): tf.Tensor => tf.matMul(x, tf.tanh(x));

const roles = {
  operations() {
    tensorflow();
    const x = tf.ones([N, N]);
    forever(() => tf.dispose(product(x)));
  },
  functions() {
    tensorflow();
    const x = tf.ones([N, N]);
    const fused = jit(product, { xla: true });
    forever(() => tf.dispose(fused(x)));
  },
  compiling() {
    tensorflow();
    const x = tf.ones([4]);
    let i = 0;
    forever(() => {
      const fresh = ++i; // a function that was not compiled before
      tf.dispose(jit((y: tf.Tensor) => tf.tanh(tf.mul(y, fresh)), { xla: true })(x));
    });
  },
  /** Ends with a read in flight in a thread of its own. */
  reading() {
    const context = new Context({ asynchronous: true });
    const x = context.tensor(DataType.float32, [N, N], new Float32Array(N * N));
    let y = x;
    for (let i = 0; i < 200; i++) [y] = context.execute('MatMul', [float], [y, x], 1) as [typeof x];
    void context.readLater(y);
    ready();
  },
  leaving() {
    tensorflow();
    product(tf.ones([N, N]));
    ready();
  },
  disposing() {
    const context = new Context();
    context.tensor(DataType.float32, [2], Float32Array.of(1, 2));
    context.dispose();
    context.dispose();
    ready();
  },
  keeping() {
    keepLarge();
    ready();
  },
  throwing() {
    tensorflow();
    product(tf.ones([N, N]));
    throw new Error('on purpose');
  },
  exiting() {
    tensorflow();
    const x = tf.ones([N, N]);
    setImmediate(() => process.exit(0));
    tf.dispose(product(x));
    ready();
  },
} satisfies Record<string, () => void>;

export type Role = keyof typeof roles;

if (parentPort) roles[workerData as Role]();
