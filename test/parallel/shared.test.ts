import assert from 'node:assert/strict';
import koffi from 'koffi';
import { allocateShared } from '../../lib/engine/native/memory';
import { share, SharedArrays } from '../../lib/parallel/memory/shared';

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

  it('holds numbers of two bytes as their bits', () => {
    const arrays = new SharedArrays([3, 40], 'bfloat16');
    const [a, b] = arrays.views(arrays.allocate(1));
    assert.ok(a instanceof Uint16Array && b instanceof Uint16Array);
    assert.equal(b.byteOffset - a.byteOffset, 64);
    assert.equal(arrays.stride, 64 + 128);
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
    });
  });
});
