/** Ways in which a process with TensorFlow in several threads can end. */
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import * as tf from '@tensorflow/tfjs';
import { tensorflow } from '../../../lib/engine/tfjs/tensorflow';
import { keepLarge, type Role } from './exitWorker';

/** A worker that is at work. */
async function working(role: Role): Promise<Worker> {
  const worker = new Worker(path.join(__dirname, 'exitWorker.js'), { workerData: role });
  await once(worker, 'message');
  return worker;
}

/** That this thread's TensorFlow still computes. */
function assertComputes(): void {
  const [sum] = tf.add([1, 2], [3, 4]).dataSync();
  if (sum !== 4) throw new Error(`1 + 3 = ${sum}`);
}

async function terminated(role: Role): Promise<void> {
  const worker = await working(role);
  await wait(20); // be in the middle of it
  await worker.terminate();
  assertComputes();
}

async function ended(role: Role): Promise<void> {
  const worker = await working(role);
  await once(worker, 'exit');
  assertComputes();
}

export interface Scenario {
  /** The exit code that it must have. */
  code: number;
  run(): Promise<void>;
}

export const scenarios: Record<string, Scenario> = {
  'a worker is terminated in an operation': { code: 0, run: () => terminated('operations') },
  'a worker is terminated in a compiled function': { code: 0, run: () => terminated('functions') },
  'a worker is terminated while it compiles': { code: 0, run: () => terminated('compiling') },
  'a worker ends with a read in flight': { code: 0, run: () => ended('reading') },
  'a worker ends without disposing of anything': { code: 0, run: () => ended('leaving') },
  'a worker disposes of its context twice': { code: 0, run: () => ended('disposing') },
  'a worker exits by itself': { code: 0, run: () => ended('exiting') },
  'a worker keeps large values that it has read': { code: 0, run: () => ended('keeping') },
  'large values that were read are still there': { code: 0, run: () => Promise.resolve(keepLarge()) },
  'a worker throws': {
    code: 0,
    async run() {
      const worker = new Worker(path.join(__dirname, 'exitWorker.js'), { workerData: 'throwing' });
      const [error] = (await once(worker, 'error')) as [Error];
      if (error.message !== 'on purpose') throw error;
      assertComputes();
    },
  },
  'four workers are terminated at once': {
    code: 0,
    async run() {
      const workers = await Promise.all(
        (['operations', 'functions', 'operations', 'functions'] as const).map(working),
      );
      await Promise.all(workers.map((worker) => worker.terminate()));
      assertComputes();
    },
  },
  'the process exits while a worker computes': {
    code: 3,
    async run() {
      await Promise.all([working('operations'), working('functions')]);
      process.exit(3);
    },
  },
  'the process throws while a worker computes': {
    code: 1,
    async run() {
      await working('functions');
      throw new Error('on purpose');
    },
  },
  'the context of the main thread goes while a worker computes': {
    code: 0,
    async run() {
      const worker = await working('operations');
      const { context } = tensorflow();
      context.dispose();
      context.dispose();
      await wait(20);
      await worker.terminate();
    },
  },
};

/** Ends this process in one of the ways. */
export async function end(scenario: string): Promise<void> {
  tensorflow();
  await scenarios[scenario]!.run();
}
