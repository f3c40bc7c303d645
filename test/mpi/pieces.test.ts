import assert from 'node:assert/strict';
import { pieces } from '../../lib/mpi/pieces';

describe('pieces', () => {
  it('cover the array one after the other, none larger than may be, in the same memory', () => {
    const values = Int32Array.from({ length: 10 }, (_, i) => i);
    const parts = pieces(values, 4);
    assert.deepEqual(
      parts.map((part) => [...part]),
      [
        [0, 1, 2, 3],
        [4, 5, 6, 7],
        [8, 9],
      ],
    );
    parts[2]![0] = 80;
    assert.equal(values[8], 80);
    assert.deepEqual(
      pieces(values, 5).map(({ length }) => length),
      [5, 5],
    );
  });

  it('are one where MPI can count the array, or there is nothing in it', () => {
    assert.deepEqual(
      pieces(new Float32Array(3)).map(({ length }) => length),
      [3],
    );
    assert.deepEqual(
      pieces(new Float32Array(0)).map(({ length }) => length),
      [0],
    );
  });

  it('are several from 2^31 elements on', () => {
    // nothing touches the memory, so the system never has to find it
    const parts = pieces(new Uint8Array(2 ** 31 + 5));
    assert.deepEqual(
      parts.map(({ length, byteOffset }) => [length, byteOffset]),
      [
        [2 ** 31 - 1, 0],
        [6, 2 ** 31 - 1],
      ],
    );
  });
});
