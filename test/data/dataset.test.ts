import assert from 'node:assert/strict';
import vm from 'node:vm';
import * as data from '../../lib/data';
import { ndarray } from '../../lib/ndarray';
import { refuses } from '../refuses';

describe('data.dataset', () => {
  it('takes one-dimensional inputs for N rows of one feature', () => {
    const { x, y } = data.dataset([1, 2, 3], Float32Array.of(4, 5, 6));
    assert.deepEqual(
      [x.shape, [...x]],
      [
        [3, 1],
        [1, 2, 3],
      ],
    );
    assert.deepEqual([y.shape, [...y]], [[3], [4, 5, 6]]);
    assert.ok(x instanceof Float32Array && y instanceof Float32Array);
  });

  it('keeps the shape of nested lists, NdArrays and tensors', () => {
    const rows = [
      [[1], [2]],
      [[3], [4]],
      [[5], [6]],
    ];
    assert.deepEqual(data.inputs(rows).shape, [3, 2, 1]);
    assert.deepEqual([...data.inputs(rows)], [1, 2, 3, 4, 5, 6]);
    assert.deepEqual(data.inputs(ndarray(new Float64Array(6), [3, 2])).shape, [3, 2]);
    const tensor = { shape: [2, 2], dataSync: () => Float32Array.of(1, 2, 3, 4) };
    assert.deepEqual(
      [data.inputs(tensor).shape, [...data.inputs(tensor)]],
      [
        [2, 2],
        [1, 2, 3, 4],
      ],
    );
  });

  it('shares memory with single precision arrays and leaves them as they were', () => {
    const values = new Float32Array(4);
    const x = data.inputs(values);
    values[2] = 7;
    assert.equal(x[2], 7);
    assert.ok(!('shape' in values));
  });

  it('copies the values of a tensor, whose memory goes when it is disposed', () => {
    const memory = Float32Array.of(1, 2);
    const x = data.inputs({ shape: [2], dataSync: () => memory });
    memory.fill(NaN);
    assert.deepEqual([...x], [1, 2]);
  });

  it('keeps integer labels integers, and makes all other targets single precision', () => {
    const of = (y: data.Values) => data.dataset([[0], [1]], y).y;
    assert.ok(of(Int32Array.of(3, 4)) instanceof Int32Array);
    assert.ok(of(Uint8Array.of(3, 4)) instanceof Int32Array);
    assert.ok(of({ shape: [2], dataSync: () => Int32Array.of(3, 4) }) instanceof Int32Array);
    assert.ok(of(Float64Array.of(3, 4)) instanceof Float32Array);
    assert.ok(of([3, 4]) instanceof Float32Array);
    assert.deepEqual(
      of([
        [3, 4],
        [5, 6],
      ]).shape,
      [2, 2],
    );
  });

  it('takes arrays that were made in another realm, as cells of a notebook may be', () => {
    const [x, y] = vm.runInNewContext('[[[1, 2], [3, 4]], Int32Array.of(0, 1)]') as [number[][], Int32Array];
    const made = data.dataset(x, y);
    assert.deepEqual(
      [made.x.shape, [...made.x]],
      [
        [2, 2],
        [1, 2, 3, 4],
      ],
    );
    assert.equal(Object.prototype.toString.call(made.y), '[object Int32Array]');
  });

  it('refuses rows of different length', () => {
    refuses(() => data.inputs([[1, 2], [3]]), 'E_SHAPE', /x is ragged: x\[1\] is \[3\], .* are lists of 2/);
    refuses(() => data.inputs([[1, 2], 3] as never), 'E_SHAPE', /x\[1\] is 3, .* are lists of 2/);
    refuses(() => data.inputs([[1, [2]]] as never), 'E_SHAPE', /x\[0\]\[1\] is \[2\], .* are numbers/);
    refuses(() => data.dataset([1], [[1, 2], [3]]), 'E_SHAPE', /y is ragged: y\[1\]/);
    refuses(() => data.inputs(ndarray(new Float32Array(4), [2, 3])), 'E_SHAPE', /needs 6 values/);
  });

  it('refuses inputs and targets of different number, and none at all', () => {
    refuses(() => data.dataset([1, 2], [1]), 'E_SHAPE', /x has 2 rows, but y has 1/);
    for (const nothing of [[], [[]], new Float32Array(0)]) {
      refuses(() => data.dataset(nothing, [1]), 'E_SHAPE', /x is empty/);
    }
  });

  it('refuses what is not a finite number', () => {
    refuses(
      () =>
        data.inputs([
          [1, 2],
          [3, NaN],
        ]),
      'E_DATA',
      /x\[1\]\[1\] is NaN: all values must be finite/,
    );
    refuses(() => data.inputs(Float32Array.of(1, Infinity)), 'E_DATA', /x\[1\]\[0\] is Infinity/);
    refuses(() => data.inputs([1e300]), 'E_DATA', /1e\+300: too large for single precision/);
    refuses(() => data.inputs([[1], ['a']] as never), 'E_DATA', /x\[1\]\[0\] is "a", not a number/);
    refuses(() => data.inputs([null] as never), 'E_DATA', /x\[0\] is null, not a number/);
    refuses(() => data.inputs(5 as never), 'E_DATA', /x must be a typed array, .* got 5/);
    refuses(
      () => data.dataset([1], undefined as never),
      'E_DATA',
      /y must be a typed array, .* got undefined/,
    );
  });

  it('takes rows, inputs and targets together', () => {
    const all = data.dataset(
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      Int32Array.of(7, 8, 9),
    );
    const some = data.take(all, [2, 0]);
    assert.deepEqual(
      [some.x.shape, [...some.x]],
      [
        [2, 2],
        [5, 6, 1, 2],
      ],
    );
    assert.deepEqual([some.y.shape, [...some.y]], [[2], [9, 7]]);
    refuses(() => data.take(all, [3]), 'E_OPTION', /no row 3: rows are 0 to 2/);
    refuses(() => data.take(all, [-1]), 'E_OPTION', /no row -1/);
  });
});
