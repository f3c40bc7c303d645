/** A process that loads a compiled function from a file and calls it: [file, calls] -> what it gave at each call, on standard output. */
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { jit } from '../../../lib/engine/compile/jit';

const [file, calls] = process.argv.slice(2) as [string, string];
const fn = jit.load(readFileSync(file));
const results = Array.from({ length: Number(calls) }, () => {
  const args = fn.inputs.map(({ shape, dtype }) =>
    tf.mul(tf.ones(shape as number[], dtype), tf.scalar(2, dtype)),
  );
  return [fn(...args)].flat().map((tensor) => Array.from(tensor.dataSync()));
});
process.stdout.write(JSON.stringify(results));
