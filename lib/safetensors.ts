/**
 * The safetensors format (https://github.com/huggingface/safetensors#format): named arrays, and nothing that could be executed.
 *
 *   8 bytes   length of the header, little-endian
 *   header    JSON { name: { dtype, shape, data_offsets: [begin, end] }, ..., __metadata__: { name: text } }, padded with spaces
 *   data      the values of the arrays, row-major, little-endian (as every processor that TensorFlow runs on), without a gap
 */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import * as v from 'valibot';
import { CredenceError } from './errors';
import { type Shape, sizeOf, type TypedArray } from './ndarray';

/** An array in such a file. */
export interface Stored {
  shape: Shape;
  values: TypedArray | Int8Array | Int16Array | Uint16Array | Uint32Array | BigInt64Array | BigUint64Array;
}

/** What such a file holds. */
export interface Safetensors {
  tensors: ReadonlyMap<string, Stored>;
  metadata: Readonly<Record<string, string>>;
}

const types = {
  F64: Float64Array,
  I64: BigInt64Array,
  U64: BigUint64Array,
  F32: Float32Array,
  I32: Int32Array,
  U32: Uint32Array,
  I16: Int16Array,
  U16: Uint16Array,
  I8: Int8Array,
  U8: Uint8Array,
} as const;
type DType = keyof typeof types;

/** Types that JavaScript has not. Single precision holds all their numbers. */
const halves = {
  F16: (bits: number): number => {
    const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
    if (exponent === 31) return fraction > 0 ? NaN : sign * Infinity;
    return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
  },
  BF16: (bits: number): number => new Float32Array(Uint32Array.of(bits << 16).buffer)[0]!,
} as const;
const readable = { ...types, F16: Uint16Array, BF16: Uint16Array } as const;
type ReadableType = keyof typeof readable;

function valuesOf(dtype: ReadableType, bytes: ArrayBuffer): Stored['values'] {
  const values = new readable[dtype](bytes);
  if (dtype !== 'F16' && dtype !== 'BF16') return values;
  return Float32Array.from(values as Uint16Array, halves[dtype]);
}

/** As the reference implementation has it. */
const MAX_HEADER = 100_000_000;
const ALIGNMENT = 8;
/** Longer shapes are no arrays of anyone. */
const MAX_RANK = 32;
/** Some systems refuse to read or write 2 GiB at once. */
const MAX_READ = 2 ** 30;

const bytesOf = ({ values }: Stored): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

function dtypeOf({ values }: Stored): DType {
  return (Object.keys(types) as DType[]).find((name) => values instanceof types[name])!;
}

/** The file in pieces to be written one after the other: the header, then the arrays themselves, which are not copied. */
export function encodeSafetensors({ tensors, metadata }: Safetensors): Uint8Array[] {
  // wide elements first: then each array is aligned to its elements, so that a reader may map the file
  const width = ({ values }: Stored): number => values.BYTES_PER_ELEMENT;
  const sorted = [...tensors].sort(([, a], [, b]) => width(b) - width(a));
  let next = 0;
  const entries = sorted.map(([name, stored]) => {
    const begin = next;
    next += stored.values.byteLength;
    return [name, { dtype: dtypeOf(stored), shape: stored.shape, data_offsets: [begin, next] }];
  });
  const json = Buffer.from(JSON.stringify(Object.fromEntries([['__metadata__', metadata], ...entries])));
  const header = Buffer.alloc(8 + Math.ceil(json.length / ALIGNMENT) * ALIGNMENT, ' ');
  header.writeBigUInt64LE(BigInt(header.length - 8));
  json.copy(header, 8);
  return [header, ...sorted.map(([, stored]) => bytesOf(stored))];
}

const natural = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const isShape = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length <= MAX_RANK && value.every((each) => v.is(natural, each));

const entry = v.object({
  dtype: v.string(),
  shape: v.custom<number[]>(isShape),
  data_offsets: v.tuple([natural, natural]),
});
const strings = v.record(v.string(), v.string());

/** An array as the header promises it, checked against the file. */
interface Promised {
  name: string;
  dtype: ReadableType;
  shape: Shape;
  begin: number;
  length: number;
}

function promised(name: string, value: unknown): Promised {
  if (!v.is(entry, value)) throw new Error(`its header describes the array '${name}' wrongly`);
  const { dtype, shape, data_offsets } = value;
  if (!Object.hasOwn(readable, dtype)) {
    throw new Error(
      `the array '${name}' is of type ${dtype}: those that can be read are ${Object.keys(readable).join(', ')}`,
    );
  }
  const [begin, end] = data_offsets;
  const length = sizeOf(shape) * readable[dtype as ReadableType].BYTES_PER_ELEMENT;
  if (length !== end - begin) {
    throw new Error(`the array '${name}' of shape [${shape.join(', ')}] is ${end - begin} bytes long`);
  }
  return { name, dtype: dtype as ReadableType, shape, begin, length };
}

/**
 * The header, checked: the arrays lie side by side and fill the file. So they need no more memory than it has bytes, and of two
 * arrays of one name, which JSON lets the last win, the first leaves a gap.
 */
function parseHeader(
  text: string,
  dataLength: number,
): { arrays: Promised[]; metadata: Record<string, string> } {
  const header: unknown = JSON.parse(text);
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw new Error('its header is not an object');
  }
  const { __metadata__: metadata = {}, ...entries } = header as Record<string, unknown>;
  if (!v.is(strings, metadata)) throw new Error('its metadata are not texts');
  const arrays = Object.entries(entries).map(([name, value]) => promised(name, value));
  arrays.sort((a, b) => a.begin - b.begin || a.length - b.length);
  let next = 0;
  for (const { name, begin, length } of arrays) {
    if (begin !== next) throw new Error(`the array '${name}' begins at byte ${begin} instead of ${next}`);
    next += length;
  }
  if (next !== dataLength) throw new Error(`it has ${dataLength} bytes of data instead of ${next}`);
  return { arrays, metadata };
}

function fill(descriptor: number, target: Uint8Array, position: number): void {
  for (let done = 0; done < target.length;) {
    const wanted = Math.min(target.length - done, MAX_READ);
    const got = readSync(descriptor, target, done, wanted, position + done);
    if (got === 0) throw new Error('it ends too early');
    done += got;
  }
}

function decode(descriptor: number): Safetensors {
  const stat = fstatSync(descriptor);
  if (!stat.isFile()) throw new Error('it is not a file');
  if (stat.size < 8) throw new Error('it ends too early');
  const first = Buffer.alloc(8);
  fill(descriptor, first, 0);
  const headerLength = Number(first.readBigUInt64LE());
  if (headerLength > Math.min(MAX_HEADER, stat.size - 8)) {
    throw new Error(`its header cannot have ${headerLength} bytes`);
  }
  const header = Buffer.alloc(headerLength);
  fill(descriptor, header, 8);
  const text = new TextDecoder('utf-8', { fatal: true }).decode(header);
  const { arrays, metadata } = parseHeader(text, stat.size - 8 - headerLength);
  const tensors = new Map<string, Stored>();
  for (const { name, dtype, shape, begin, length } of arrays) {
    const bytes = new Uint8Array(length);
    fill(descriptor, bytes, 8 + headerLength + begin);
    tensors.set(name, { shape, values: valuesOf(dtype, bytes.buffer) });
  }
  return { tensors, metadata };
}

/**
 * Reads such a file, whoever wrote it: all it says of itself is checked before it is believed.
 * @throws CredenceError E_FILE, which names the file and what is wrong with it
 */
export function readSafetensors(file: string): Safetensors {
  try {
    // without waiting: a pipe in the place of the file would never end
    const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return decode(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (cause) {
    throw new CredenceError(
      'E_FILE',
      `${file} cannot be used: ${(cause as Error).message}. It should be a whole file in safetensors format`,
      { cause },
    );
  }
}
