/** The folder through which contenders in other processes and languages get their problem. bench/peers/problem.py reads it, too. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ndarray } from '../lib/ndarray';
import { type Config, INITIAL_STD, LEARNING_RATE } from './configs';
import { BATCHES, type BenchData, makeData } from './data';

const files = (folder: string) => ({
  config: path.join(folder, 'problem.json'),
  x: path.join(folder, 'x.bin'),
  y: path.join(folder, 'y.bin'),
});

/** Writes problem.json and the values of x and y, row-major. */
export function writeProblem(folder: string, config: Config): void {
  const { x, y } = makeData(config);
  const names = files(folder);
  mkdirSync(folder, { recursive: true });
  const settings = { ...config, learningRate: LEARNING_RATE, initialStd: INITIAL_STD };
  writeFileSync(names.config, JSON.stringify(settings, undefined, 2));
  writeFileSync(names.x, x);
  writeFileSync(names.y, y);
}

export function readProblem(folder: string): { config: Config; data: BenchData } {
  const names = files(folder);
  const config = JSON.parse(readFileSync(names.config, 'utf8')) as Config;
  const rows = BATCHES * config.batch;
  const values = (file: string): ArrayBuffer => Uint8Array.from(readFileSync(file)).buffer;
  const x = ndarray(new Float32Array(values(names.x)), [rows, ...config.inputShape]);
  const y =
    config.likelihood.kind === 'categorical'
      ? ndarray(new Int32Array(values(names.y)), [rows])
      : ndarray(new Float32Array(values(names.y)), [rows, config.outputs]);
  return { config, data: { x, y } };
}
