import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Ended, runScript } from './child';

/** What a process needs to know to compute on each backend. The tests' own process computes on TensorFlow. */
export const backends = ['tensorflow', 'wasm', 'cpu'] as const;
export type Backend = (typeof backends)[number];

/** Calls a function of a compiled test file in a process of its own, and gives what it returns (as JSON). */
export async function callOn<T>(backend: Backend, file: string, name: string): Promise<T> {
  const program = `
    Promise.resolve(require(${JSON.stringify(`../test/${file}`)}).${name}()).then((result) =>
      process.stdout.write(JSON.stringify(result), () => process.exit(0)));`;
  const { code, stdout, stderr } = await runScript(program, { CREDENCE_BACKEND: backend });
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  return JSON.parse(stdout) as T;
}

/** Runs JavaScript in a process that does not find TensorFlow. */
export async function runWithoutTensorFlow(
  program: string,
  variables: NodeJS.ProcessEnv = {},
): Promise<Ended & { folder: string }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'credence-'));
  try {
    const ended = await runScript(program, {
      CREDENCE_TENSORFLOW: folder,
      CREDENCE_BACKEND: '',
      ...variables,
    });
    return { ...ended, folder };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The largest difference of two lists of numbers, in units of the largest number (at least 1). */
export function distance(a: readonly number[], b: readonly number[]): number {
  assert.equal(a.length, b.length);
  const scale = a.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  const far = a.reduce((most, value, i) => {
    const difference = Math.abs(value - b[i]!);
    return difference <= most ? most : difference; // NaN stays
  }, 0);
  return far / scale;
}
