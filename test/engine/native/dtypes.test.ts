import assert from 'node:assert/strict';
import { typeAttribute } from '../../../lib/engine/native/attributes';
import { Context } from '../../../lib/engine/native/context';
import { bytesPerElement, DataType, nameOf } from '../../../lib/engine/native/dtype';
import { tensorflow } from '../../../lib/engine/tfjs/tensorflow';
import type { NumericValues } from '../../../lib/engine/native/values';
import { keyOf, normals } from '../../../lib/threefry';

const big = 2n ** 63n;

/** Values at the ends of each type's range. */
const extremes: Partial<Record<keyof typeof DataType, NumericValues>> = {
  float32: Float32Array.of(0, -0, 1e-45, 3.4028234663852886e38, -Infinity, NaN),
  float64: Float64Array.of(0, -0, 5e-324, Number.MAX_VALUE, -Infinity, NaN),
  complex64: Float32Array.of(1, -2, Infinity, NaN),
  complex128: Float64Array.of(1, -2, Infinity, 5e-324),
  int8: Int8Array.of(-128, 0, 127),
  int16: Int16Array.of(-32768, 0, 32767),
  int32: Int32Array.of(-(2 ** 31), 0, 2 ** 31 - 1),
  int64: BigInt64Array.of(-big, 0n, big - 1n),
  uint8: Uint8Array.of(0, 255),
  uint16: Uint16Array.of(0, 65535),
  uint32: Uint32Array.of(0, 2 ** 32 - 1),
  uint64: BigUint64Array.of(0n, 2n * big - 1n),
  bool: Uint8Array.of(0, 1),
};

/** A float32 as a bfloat16 and back: the nearest of the numbers with 16 bits, the even one of two that are as near. */
function bfloat16(value: number): number {
  const [bits] = new Uint32Array(Float32Array.of(value).buffer) as unknown as [number];
  const even = (bits >>> 16) & 1;
  return new Float32Array(Uint32Array.of(((bits + 0x7fff + even) & 0xffff0000) >>> 0).buffer)[0]!;
}

describe('engine: types of tensors', () => {
  let context: Context;
  before(() => (context = new Context()));
  after(() => context.dispose());

  /** What comes back of values that TensorFlow has handled. */
  function there(type: number, values: ArrayBufferView, length: number): unknown {
    const handle = context.tensor(type, [length], values);
    const [reversed] = context.execute('Reshape', [typeAttribute('T', type)], [handle, sizes(length)], 1);
    assert.equal(context.typeOf(reversed!), type);
    const result = context.read(reversed!);
    [handle, reversed!].forEach((each) => context.free(each));
    return result;
  }
  const sizes = (length: number) => context.tensor(DataType.int32, [2], Int32Array.of(1, length));

  for (const [name, values] of Object.entries(extremes)) {
    it(`${name}: every value comes back as it was`, () => {
      const type = DataType[name as keyof typeof DataType];
      const each = bytesPerElement.get(type)!;
      assert.deepEqual(there(type, values, values.byteLength / each), values);
    });
  }

  it('bfloat16: numbers are rounded to the nearest, ties to even', () => {
    const values = Float32Array.from([
      ...[0, -0, 1, 1.00390625, 1.01171875, -1.00390625, 3.0e38, 1e-40, Infinity, -Infinity], // 1 + 2^-8 and 1 + 3 * 2^-8 are ties
      ...normals(keyOf(1), 1000),
    ]);
    const expected = values.map(bfloat16);
    assert.deepEqual(Array.from(expected.subarray(2, 6)), [1, 1, 1.015625, -1]);
    assert.deepEqual(there(DataType.bfloat16, values, values.length), expected);
    assert.ok(Number.isNaN((there(DataType.bfloat16, Float32Array.of(NaN), 1) as Float32Array)[0]));
  });

  it('float16: numbers are rounded to the nearest, ties to even', () => {
    // 1 + 2^-11 and 1 + 3 * 2^-11 are ties; 65504 is the largest number, 2^-24 the smallest
    const values = Float32Array.of(1, 1 + 2 ** -11, 1 + 3 * 2 ** -11, 65504, 65520, 2 ** -24, 2 ** -25, -0);
    const expected = Float32Array.of(1, 1, 1 + 2 ** -9, 65504, Infinity, 2 ** -24, 0, -0);
    assert.deepEqual(there(DataType.float16, values, values.length), expected);
  });

  it('bfloat16 and float16: bits are taken as they are', () => {
    assert.deepEqual(there(DataType.bfloat16, Uint16Array.of(0x3f80, 0xc000), 2), Float32Array.of(1, -2));
    assert.deepEqual(there(DataType.float16, Uint16Array.of(0x3c00, 0xc000), 2), Float32Array.of(1, -2));
  });

  it('lists of numbers become the array of their type', () => {
    const { binding } = tensorflow();
    for (const [name, ArrayType] of Object.entries({
      float64: Float64Array,
      bfloat16: Float32Array,
      int8: Int8Array,
      uint16: Uint16Array,
      uint32: Uint32Array,
    })) {
      const id = binding.createTensor([3], name, [1, 2, 3]);
      assert.deepEqual(binding.tensorDataSync(id), ArrayType.of(1, 2, 3));
      binding.deleteTensor(id);
    }
    const id = binding.createTensor([2], DataType.uint64, [7, 2n ** 64n - 1n]);
    assert.deepEqual(binding.tensorDataSync(id), BigUint64Array.of(7n, 2n ** 64n - 1n));
    binding.deleteTensor(id);
  });

  it('that have no values are refused, in both directions', () => {
    const { resource, variant } = DataType;
    for (const type of [resource, variant, 99]) {
      assert.throws(() => context.tensor(type, [1], new Uint8Array(8)), {
        code: 'E_ENGINE',
        message: `tensors of type ${nameOf(type)} cannot be made of values`,
      });
    }
    const shape = { name: 'shape', type: 5, value: [2] };
    const [variable] = context.execute(
      'VarHandleOp',
      [typeAttribute('dtype', DataType.float32), shape],
      [],
      1,
    );
    assert.equal(context.typeOf(variable!), resource);
    assert.throws(() => context.read(variable!), {
      code: 'E_ENGINE',
      message: 'values of type resource cannot be read',
    });
    context.free(variable!);
  });

  it('shapes that C would crash on are refused', () => {
    const one = Float32Array.of(1);
    for (const shape of [[-1, -1], [0.5, 2], [NaN]]) {
      assert.throws(() => context.tensor(DataType.float32, shape, one), {
        code: 'E_SHAPE',
        message: /whole numbers of at least 0, got \[/,
      });
    }
    const most = new Array<number>(254).fill(1);
    const handle = context.tensor(DataType.float32, most, one);
    assert.deepEqual(context.shapeOf(handle), most);
    context.free(handle);
    assert.throws(() => context.tensor(DataType.float32, [...most, 1], one), {
      code: 'E_SHAPE',
      message: 'a tensor has at most 254 axes, got 255',
    });
  });
});
