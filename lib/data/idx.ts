import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { ndarray, type NdArray, sizeOf, type TypedArray } from '../ndarray';
import { bytesOf, decode, type NumberFormat } from './binary';
import { CHECK_FILE, filePath, readDataFile } from './readDataFile';

const FORMATS: Readonly<Partial<Record<number, NumberFormat>>> = {
  0x08: 'u1',
  0x09: 'i1',
  0x0b: 'i2',
  0x0c: 'i4',
  0x0d: 'f4',
  0x0e: 'f8',
};
const GZIP = 0x1f8b;

/**
 * The array in the content of an IDX file, also if that is compressed:
 *
 *     0  0  format  axes | length of each axis | values
 *     one byte each      | 4 bytes each        | row-major, highest byte first
 * @throws Error if it is none, or not whole
 */
export async function parseIdx(content: Buffer): Promise<NdArray<TypedArray>> {
  const isGzip = content.length > 2 && content.readUInt16BE(0) === GZIP;
  const bytes = isGzip ? await promisify(gunzip)(content) : content;
  const format = bytes.length < 4 || bytes.readUInt16BE(0) !== 0 ? undefined : FORMATS[bytes[2]!];
  if (format === undefined) throw new Error('it is not an IDX file');
  const start = 4 + 4 * bytes[3]!;
  if (bytes.length < start) throw new Error('it ends within its header');
  const shape = Array.from({ length: bytes[3]! }, (_, axis) => bytes.readUInt32BE(4 + 4 * axis));
  const expected = start + sizeOf(shape) * bytesOf(format);
  if (bytes.length !== expected) {
    throw new Error(`it has ${bytes.length} bytes, not the ${expected} of an array [${shape.join(', ')}]`);
  }
  return ndarray(decode(bytes.subarray(start), format, sizeOf(shape), false), shape);
}

/**
 * Reads an IDX file, the format of MNIST and those that follow it, compressed by gzip or not.
 * @returns its values with their shape: bytes as a Uint8Array, other whole numbers as an Int32Array
 * @throws CredenceError E_FILE if it is missing, damaged or another format
 */
export async function idx(file: string): Promise<NdArray<TypedArray>> {
  return readDataFile(filePath(file, 'data.idx'), parseIdx, CHECK_FILE);
}
