import { ndarray, type NdArray, type Shape, sizeOf, type TypedArray } from '../ndarray';
import { bytesOf, decode, type NumberFormat } from './binary';
import { CHECK_FILE, filePath, readDataFile } from './readDataFile';

const MAGIC = Buffer.from('\x93NUMPY', 'latin1');
const FORMATS: readonly string[] = ['u1', 'i1', 'u2', 'i2', 'u4', 'i4', 'u8', 'i8', 'f2', 'f4', 'f8'];

interface Header {
  format: NumberFormat;
  little: boolean;
  fortran: boolean;
  shape: Shape;
}

/** Reads `{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }`, a literal of Python. @throws Error */
function parseHeader(text: string): Header {
  const descr = /'descr':\s*'([^']*)'/.exec(text)?.[1];
  const fortran = /'fortran_order':\s*(True|False)/.exec(text)?.[1];
  const lengths = /'shape':\s*\(([\d,\s]*)\)/.exec(text)?.[1];
  if (text.includes("'descr': ["))
    throw new Error('it holds records: save each field as an array of its own');
  if (descr === undefined || fortran === undefined || lengths === undefined) {
    throw new Error(`its header cannot be read: ${text.trim().slice(0, 80)}`);
  }
  const [order, kind] = [descr[0], descr.slice(1).replace('b1', 'u1')];
  if (!FORMATS.includes(kind)) {
    throw new Error(
      `it holds '${descr}', not real numbers: convert it in Python, as with x.astype('float32')`,
    );
  }
  return {
    format: kind as NumberFormat,
    little: order !== '>',
    fortran: fortran === 'True',
    shape: lengths
      .split(',')
      .filter((length) => length.trim() !== '')
      .map(Number),
  };
}

/** Values whose first axis runs fastest, in the order in which the last one does. */
function rowMajor(values: TypedArray, shape: Shape): TypedArray {
  const strides: number[] = [];
  shape.reduce((stride, length, axis) => ((strides[axis] = stride), stride * length), 1);
  const ordered = values.slice();
  const index = shape.map(() => 0);
  let from = 0;
  for (let i = 0; i < ordered.length; i++) {
    ordered[i] = values[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return ordered;
}

/**
 * The array in the content of an NPY file, versions 1 to 3:
 *
 *     \x93NUMPY | version: 2 bytes | length of the header: 2 bytes, from version 2 on 4 | header | values
 *
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 * @throws Error if it is none, not whole, or not of real numbers
 */
export function parseNpy(content: Uint8Array): NdArray<TypedArray> {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error('it is not an NPY file');
  const version = bytes[6];
  if (version === undefined || version < 1 || version > 3)
    throw new Error(`its version ${version} is not known`);
  const begin = version === 1 ? 10 : 12;
  if (bytes.length < begin) throw new Error('it ends within its header');
  const end = begin + (version === 1 ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8));
  if (bytes.length < end) throw new Error('it ends within its header');
  const { format, little, fortran, shape } = parseHeader(bytes.toString('utf8', begin, end));
  const expected = end + sizeOf(shape) * bytesOf(format);
  if (bytes.length !== expected) {
    throw new Error(`it has ${bytes.length} bytes, not the ${expected} of an array [${shape.join(', ')}]`);
  }
  const values = decode(bytes.subarray(end), format, sizeOf(shape), little);
  return ndarray(fortran ? rowMajor(values, shape) : values, shape);
}

/**
 * Reads an array that NumPy has saved, of any real numbers, in either order of axes and bytes.
 * @returns its values, row-major, with their shape. Half precision becomes single; whole numbers an Int32Array, bytes and booleans a
 *   Uint8Array, and a Float64Array those that are larger
 * @throws CredenceError E_FILE if it is missing, damaged, or not of real numbers
 */
export async function npy(file: string): Promise<NdArray<TypedArray>> {
  return readDataFile(filePath(file, 'data.npy'), parseNpy, CHECK_FILE);
}
