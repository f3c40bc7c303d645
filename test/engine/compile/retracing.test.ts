import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { jit } from '../../../lib/engine/compile/jit';
import { tensorflow } from '../../../lib/engine/tfjs/tensorflow';

/** What `work` writes to standard error. */
function errorsOf(work: () => void): string[] {
  const { write } = process.stderr;
  const lines: string[] = [];
  process.stderr.write = (text: string | Uint8Array) => lines.push(String(text)) > 0;
  try {
    work();
  } finally {
    process.stderr.write = write;
  }
  return lines;
}

describe('engine: a function that is compiled again and again', () => {
  before(() => {
    tensorflow();
  });

  const make = () =>
    jit(function total(x: tf.Tensor, factor: tf.Tensor) {
      return tf.mul(tf.sum(x), factor);
    });

  it('is named once, with the argument that keeps changing', () => {
    const total = make();
    const lines = errorsOf(() => {
      for (let length = 1; length <= 12; length++) total(tf.ones([length, 3]), tf.scalar(2));
    });
    assert.equal(lines.length, 1);
    assert.match(lines[0]!, /^credence: jit has compiled function 'total' for 9 lists of shapes/);
    assert.match(
      lines[0]!,
      /Argument 1 was float32\[1,3\], float32\[2,3\], float32\[3,3\], float32\[4,3\], \.\.\.\. Keep/,
    );
    assert.doesNotMatch(lines[0]!, /Argument 2/);
    assert.match(lines[0]!, /fix the batch size, or pad/);
  });

  it('is not named for a few shapes', () => {
    const total = make();
    const lines = errorsOf(() => {
      for (let i = 0; i < 40; i++) total(tf.ones([1 + (i % 8)]), tf.scalar(2));
    });
    assert.deepEqual(lines, []);
  });
});
