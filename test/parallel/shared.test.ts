import assert from 'node:assert/strict';
import koffi from 'koffi';
import { allocateShared } from '../../lib/engine/native/memory';
import { share, SharedArrays } from '../../lib/parallel/shared';
import { shareOut } from '../../lib/parallel/workers';

const address = (values: Float32Array): bigint => koffi.address(values);

describe('parallel: shared memory', () => {
  it('starts where TensorFlow uses it in place: at multiples of 64 bytes', () => {
    for (const bytes of [0, 1, 4, 63, 64, 65, 1000, 4096]) {
      const { buffer, offset, byteLength } = allocateShared(bytes);
      assert.equal(byteLength, bytes);
      assert.ok(buffer instanceof SharedArrayBuffer && offset + bytes <= buffer.byteLength);
      if (bytes >= 4) assert.equal(address(new Float32Array(buffer, offset, 1)) % 64n, 0n);
    }
  });

  it('copies what it is given, also a part of a larger array', () => {
    const part = Int32Array.from({ length: 20 }, (_, i) => i).subarray(5, 9);
    const { buffer, offset, byteLength } = share(part);
    assert.deepEqual(new Int32Array(buffer, offset, byteLength / 4), Int32Array.of(5, 6, 7, 8));
    part[0] = 99;
    assert.equal(new Int32Array(buffer, offset, 1)[0], 5);
  });

  it('holds sets of arrays, each aligned, none touching another', () => {
    const lengths = [1, 17, 0, 16, 300];
    const arrays = new SharedArrays(lengths);
    const memory = arrays.allocate(3);
    const sets = [0, 1, 2].map((set) => arrays.views(memory, set));
    sets.forEach((views, set) => views.forEach((view, i) => view.fill(10 * set + i)));
    sets.forEach((views, set) => {
      assert.deepEqual(
        views.map(({ length }) => length),
        lengths,
      );
      for (const [i, view] of views.entries()) {
        assert.ok(view.every((value) => value === 10 * set + i));
        if (view.length > 0) assert.equal(address(view) % 64n, 0n);
      }
      const whole = arrays.whole(memory, set);
      assert.equal(whole.byteLength, arrays.stride);
      const sum = lengths.reduce((sum, length, i) => sum + length * (10 * set + i), 0);
      assert.equal(
        whole.reduce((a, b) => a + b),
        sum,
      );
    });
  });
});

describe('parallel: the shares of the samples', () => {
  it('are as even as it gets, and none is lost', () => {
    assert.deepEqual(shareOut(8, 2), [4, 4]);
    assert.deepEqual(shareOut(5, 2), [3, 2]);
    assert.deepEqual(shareOut(7, 3), [3, 2, 2]);
    assert.deepEqual(shareOut(3, 3), [1, 1, 1]);
    assert.deepEqual(shareOut(1, 1), [1]);
    for (let samples = 1; samples < 20; samples++) {
      for (let workers = 1; workers <= samples; workers++) {
        const shares = shareOut(samples, workers);
        assert.equal(
          shares.reduce((a, b) => a + b),
          samples,
        );
        assert.ok(Math.max(...shares) - Math.min(...shares) <= 1 && Math.min(...shares) >= 1);
      }
    }
  });
});
