import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CredenceError } from '../lib/errors';
import { encodeSafetensors, readSafetensors, type Safetensors, type Stored } from '../lib/safetensors';
import { keyOf, uniforms } from '../lib/threefry';
import { refuses } from './refuses';

/**
 * By Python's safetensors 0.8.0: save({'b': np.array([[1.5, -2], [0.25, 3e38]], np.float32), 'a': np.array([1, -2, 2**40]),
 * 'empty': np.zeros((0, 3), np.int32), 'ü': np.array(7, np.uint8)}, metadata={'who': 'python'})
 */
const GOLDEN = Buffer.from(
  'CAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJ3aG8iOiJweXRob24ifSwiYSI6eyJkdHlwZSI6Ikk2NCIsInNoYXBlIjpbM10sImRhdGFfb2Zmc2V0cyI6WzAsMjRdfSwiYiI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbMiwyXSwiZGF0YV9vZmZzZXRzIjpbMjQsNDBdfSwiZW1wdHkiOnsiZHR5cGUiOiJJMzIiLCJzaGFwZSI6WzAsM10sImRhdGFfb2Zmc2V0cyI6WzQwLDQwXX0sIsO8Ijp7ImR0eXBlIjoiVTgiLCJzaGFwZSI6W10sImRhdGFfb2Zmc2V0cyI6WzQwLDQxXX19ICAgICABAAAAAAAAAP7/////////AAAAAAABAAAAAMA/AAAAwAAAgD7msWF/Bw==',
  'base64',
);
const golden: Safetensors = {
  tensors: new Map<string, Stored>([
    ['a', { shape: [3], values: BigInt64Array.of(1n, -2n, 1n << 40n) }],
    ['b', { shape: [2, 2], values: Float32Array.of(1.5, -2, 0.25, 3e38) }],
    ['empty', { shape: [0, 3], values: new Int32Array(0) }],
    ['ü', { shape: [], values: Uint8Array.of(7) }],
  ]),
  metadata: { who: 'python' },
};

/** The description of an array. */
const f32 = (shape: string, begin: number, end: number, dtype = 'F32'): string =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":[${begin},${end}]}`;

/** A file with this header and so many bytes of data. */
function fileOf(header: string, data = 0, headerLength = Buffer.byteLength(header)): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(headerLength));
  return Buffer.concat([length, Buffer.from(header), Buffer.alloc(data)]);
}

describe('safetensors', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'credence-safetensors-'));
  const file = path.join(folder, 'x.safetensors');
  after(() => rmSync(folder, { recursive: true }));

  const read = (content: Uint8Array): Safetensors => {
    writeFileSync(file, content);
    return readSafetensors(file);
  };

  it('reads what Python wrote', () => assert.deepEqual(read(GOLDEN), golden));

  it('writes what Python would', () => assert.deepEqual(Buffer.concat(encodeSafetensors(golden)), GOLDEN));

  it('copies no array to write it, and keeps every bit, of parts of arrays and of odd numbers, too', () => {
    const values = Float32Array.of(9, NaN, -0, Infinity, 1e-45, 9).subarray(1, 5);
    const pieces = encodeSafetensors({ tensors: new Map([['x', { shape: [2, 2], values }]]), metadata: {} });
    assert.equal(pieces[1]!.buffer, values.buffer);
    const { tensors } = read(Buffer.concat(pieces));
    assert.deepEqual(tensors.get('x'), { shape: [2, 2], values });
    assert.ok(Object.is((tensors.get('x')!.values as Float32Array)[1], -0));
  });

  it('puts wide elements first, so that all are aligned', () => {
    const tensors = new Map<string, Stored>([
      ['bytes', { shape: [3], values: Uint8Array.of(1, 2, 3) }],
      ['doubles', { shape: [1], values: Float64Array.of(Math.PI) }],
      ['singles', { shape: [1], values: Float32Array.of(2) }],
    ]);
    const pieces = encodeSafetensors({ tensors, metadata: {} });
    assert.deepEqual(
      pieces.slice(1).map(({ length }) => length),
      [8, 4, 3],
    );
    assert.equal(pieces[0]!.length % 8, 0);
    assert.deepEqual(read(Buffer.concat(pieces)).tensors, tensors);
  });

  it('reads half precision as single precision', () => {
    const halves = (dtype: string, ...bits: number[]): number[] => {
      const bytes = Buffer.from(Uint16Array.from(bits).buffer);
      const header = fileOf(`{"a":${f32(`[${bits.length}]`, 0, 2 * bits.length, dtype)}}`);
      return Array.from(read(Buffer.concat([header, bytes])).tensors.get('a')!.values as Float32Array);
    };
    assert.deepEqual(halves('F16', 0x3c00, 0xc000, 0x3555, 0x7bff, 0x0001, 0x8000, 0x7c00, 0xfc00, 0x7e00), [
      1,
      -2,
      0.333251953125,
      65504,
      2 ** -24,
      -0,
      Infinity,
      -Infinity,
      NaN,
    ]);
    assert.deepEqual(halves('BF16', 0x3f80, 0xc049, 0x7f7f, 0xff80), [
      1,
      -3.140625,
      3.3895313892515355e38,
      -Infinity,
    ]);
  });

  it('takes names that mean something to JavaScript as names', () => {
    const tensors = new Map<string, Stored>(
      ['__proto__', 'constructor', 'toString'].map((name, i) => [
        name,
        { shape: [], values: Uint8Array.of(i) },
      ]),
    );
    const content = read(Buffer.concat(encodeSafetensors({ tensors, metadata: {} })));
    assert.deepEqual(content.tensors, tensors);
    read(fileOf('{"__metadata__":{"__proto__":"x"}}'));
    assert.equal(Object.hasOwn(Object.prototype, 'shape'), false);
  });

  for (const [what, content, says] of [
    ['nothing', Buffer.alloc(0), /ends too early/],
    ['a header longer than the file', fileOf('{}', 0, 100), /cannot have 100 bytes/],
    [
      'a header of 2^63 bytes',
      Buffer.from('00000000000000807b7d', 'hex'),
      /cannot have 9223372036854776000 bytes/,
    ],
    ['no JSON', fileOf('{"a":'), /JSON/],
    ['no UTF-8', Buffer.from('0400000000000000' + '7b22ff7d', 'hex'), /utf-8/],
    ['a list', fileOf('[]'), /not an object/],
    ['metadata that are no texts', fileOf('{"__metadata__":{"a":1}}'), /metadata/],
    ['a description that is none', fileOf('{"a":7}'), /describes the array 'a' wrongly/],
    ['a negative length', fileOf(`{"a":${f32('[-1]', 0, 0)}}`), /'a' wrongly/],
    ['a length that is no whole number', fileOf(`{"a":${f32('[0.5]', 0, 2)}}`, 2), /'a' wrongly/],
    ['many lengths', fileOf(`{"a":${f32(`[${Array<number>(99).fill(1).join()}]`, 0, 4)}}`, 4), /'a' wrongly/],
    [
      'an array too long to count',
      fileOf(`{"a":${f32('[9007199254740991,9007199254740991]', 0, 8)}}`, 8),
      /is 8 bytes long/,
    ],
    ['a type that there is not', fileOf(`{"a":${f32('[1]', 0, 4, 'toString')}}`, 4), /of type toString/],
    [
      'a type that is not read',
      fileOf(`{"a":${f32('[2]', 0, 4, 'BOOL')}}`, 4),
      /of type BOOL: those that can be read are F64/,
    ],
    [
      'a shape that is not the length',
      fileOf(`{"a":${f32('[2]', 0, 4)}}`, 4),
      /'a' of shape \[2\] is 4 bytes long/,
    ],
    ['an end before the beginning', fileOf(`{"a":${f32('[1]', 4, 0)}}`, 4), /is -4 bytes long/],
    [
      'arrays over each other',
      fileOf(`{"a":${f32('[1]', 0, 4)},"b":${f32('[1]', 0, 4)}}`, 4),
      /'b' begins at byte 0 instead of 4/,
    ],
    ['a gap', fileOf(`{"a":${f32('[1]', 4, 8)}}`, 8), /'a' begins at byte 4 instead of 0/],
    ['a name twice', fileOf(`{"a":${f32('[1]', 0, 4)},"a":${f32('[1]', 4, 8)}}`, 8), /begins at byte 4/],
    ['more data than arrays', fileOf(`{"a":${f32('[1]', 0, 4)}}`, 5), /5 bytes of data instead of 4/],
    [
      'an array larger than the file',
      fileOf(`{"a":${f32('[1000000000000]', 0, 4e12)}}`, 4),
      /4 bytes of data instead of 4000000000000/,
    ],
  ] as const) {
    it(`refuses ${what}`, () => {
      writeFileSync(file, content);
      refuses(() => readSafetensors(file), 'E_FILE', says);
      refuses(() => readSafetensors(file), 'E_FILE', new RegExp(`^${file} cannot be used`));
    });
  }

  it('refuses what is no file, and waits for none', () => {
    refuses(() => readSafetensors(folder), 'E_FILE', /not a file|EISDIR/);
    refuses(() => readSafetensors(path.join(folder, 'none')), 'E_FILE', /ENOENT/);
    const pipe = path.join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    refuses(() => readSafetensors(pipe), 'E_FILE', /not a file/);
  });

  it('refuses the file wherever it is cut off', () => {
    for (let length = GOLDEN.length - 1; length >= 0; length--) {
      writeFileSync(file, GOLDEN);
      truncateSync(file, length);
      refuses(() => readSafetensors(file), 'E_FILE', /./);
    }
  });

  it('refuses 2,000 files with wrong bytes, or reads arrays from them; nothing else happens', () => {
    const random = uniforms(keyOf(1), 6_000);
    let whole = 0;
    for (let i = 0; i < 2_000; i++) {
      const bytes = Buffer.from(GOLDEN);
      for (let flips = 0; flips < 1 + (i % 3); flips++) {
        bytes[Math.floor(random[3 * i + flips]! * (i % 2 ? bytes.length : 264))]! ^= 1 << (i % 8);
      }
      try {
        const { tensors } = read(bytes);
        const size = [...tensors.values()].reduce((sum, { values }) => sum + values.byteLength, 0);
        assert.equal(size, 41);
        whole++;
      } catch (error) {
        assert.ok(error instanceof CredenceError && error.code === 'E_FILE', String(error));
      }
    }
    assert.ok(whole > 50 && whole < 1_900, `${whole} were read`);
  });
});
