import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { encodeSafetensors, type Stored } from '../../lib/safetensors';
import { load } from '../../lib/weights';
import { refuses } from '../refuses';
import { written } from './files';

describe('weights: load', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'credence-weights-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('reads safetensors, of any type, as single precision with shapes', () => {
    const tensors = new Map<string, Stored>([
      ['0.weight', { shape: [2, 1], values: Float64Array.of(1.5, -2) }],
      ['0.bias', { shape: [1], values: Float32Array.of(0.1) }],
      ['steps', { shape: [], values: BigInt64Array.of(7n) }],
    ]);
    const file = path.join(folder, 'a.safetensors');
    writeFileSync(file, Buffer.concat(encodeSafetensors({ tensors, metadata: {} })));
    const weights = load(file);
    assert.deepEqual([...weights.keys()].sort(), ['0.bias', '0.weight', 'steps']);
    assert.deepEqual(Array.from(weights.get('0.weight')!), [1.5, -2]);
    assert.deepEqual(weights.get('0.weight')!.shape, [2, 1]);
    assert.deepEqual(Array.from(weights.get('steps')!), [7]);
    assert.deepEqual(Array.from(weights.get('0.bias')!), [Math.fround(0.1)]);
  });

  const f32 = (name: string, shape: number[]) => ({ name, shape, dtype: 'float32' as const });
  const bytes = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);

  it('reads the arrays of model.json from shards that cut through them', () => {
    const specs = [
      f32('a/kernel', [2, 2]),
      f32('a/bias', [2]),
      { ...f32('steps', []), dtype: 'int32' as const },
    ];
    const data = Buffer.concat([bytes(1, 2, 3, 4, 5, 6), new Uint8Array(Int32Array.of(9).buffer)]);
    const weights = load(written(path.join(folder, 'b'), { topology: undefined, specs, data }, 7));
    assert.deepEqual(
      Array.from(weights, ([name, array]) => [name, [...array.shape], [...array]]),
      [
        ['a/kernel', [2, 2], [1, 2, 3, 4]],
        ['a/bias', [2], [5, 6]],
        ['steps', [], [9]],
      ],
    );
  });

  it('refuses files that are none, or do not hold what they say', () => {
    const to = (name: string): string => path.join(folder, name);
    refuses(() => load(to('net.pt')), 'E_FILE', /^.*net\.pt: weights are read from .*safetensors\.torch\.save_file/);
    refuses(() => load(to('none.safetensors')), 'E_FILE', /ENOENT/);
    refuses(() => load(to('none.json')), 'E_FILE', /ENOENT.*It should be the model\.json of a TensorFlow\.js layers model/);
    const specs = [f32('a', [2])];
    refuses(() => load(written(to('c'), { topology: undefined, specs, data: bytes(1) })), 'E_FILE', /its shards end within the array 'a'/);
    refuses(() => load(written(to('d'), { topology: undefined, specs, data: bytes(1, 2, 3) })), 'E_FILE', /have 12 bytes of data instead of 8/);
    refuses(() => load(written(to('e'), { topology: undefined, specs: [{ ...specs[0]!, dtype: 'string' }], data: bytes(1, 2) })), 'E_FILE', /weightsManifest\.0\.weights\.0\.dtype/);
    const manifest = (shard: string): string => {
      const file = to('f.json');
      writeFileSync(file, JSON.stringify({ weightsManifest: [{ paths: [shard], weights: specs }] }));
      return file;
    };
    for (const shard of ['../a.bin', '/etc/hostname', '.']) {
      refuses(() => load(manifest(shard)), 'E_FILE', /its shard '.*' is not beside it/);
    }
    writeFileSync(to('g.json'), '{}');
    refuses(() => load(to('g.json')), 'E_FILE', /weightsManifest/);
  }); // prettier-ignore
});
