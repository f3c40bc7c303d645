import assert from 'node:assert/strict';
import { layerGroups } from '../../lib/figures/layerGroups';

const parameter = (name: string, values: ArrayLike<number>) => ({
  name,
  size: values.length,
  at: (i: number) => values[i]!,
});
const named = (...names: string[]) =>
  layerGroups(names.map((name) => parameter(name, [1]))).map(({ name }) => name);
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe('layerGroups', () => {
  it('puts the parameters of a layer together, all of their values where they are few', () => {
    const layers = layerGroups([
      parameter('0.dense.kernel', [1, 2]),
      parameter('0.dense.bias', [3]),
      parameter('likelihood.logStd', [4]),
      parameter('scale', [5]),
    ]);
    const found = layers.map(({ name, values, size }) => ({ name, values: Array.from(values), size }));
    assert.deepEqual(found, [
      { name: '0.dense', values: [1, 2, 3], size: 3 },
      { name: 'likelihood', values: [4], size: 1 },
      { name: 'scale', values: [5], size: 1 },
    ]);
    assert.deepEqual(layerGroups([]), []);
  });

  it('puts layers within each other together where there are many', () => {
    const encoder = (layers: number) => range(layers).map((i) => `1.encoder.${i}.attention.kernel`);
    assert.deepEqual(named('0.dense.bias', ...encoder(2)), [
      '0.dense',
      '1.encoder.0.attention',
      '1.encoder.1.attention',
    ]);
    assert.deepEqual(named('0.dense.bias', ...encoder(12)), ['0.dense', '1.encoder']);
  });

  it('leaves the largest of too many, in their order', () => {
    const layers = layerGroups(
      range(20).map((i) => parameter(`${i}.dense.kernel`, range(i === 3 ? 50 : i + 1))),
      4,
    );
    assert.deepEqual(
      layers.map(({ name, size }) => [name, size]),
      [
        ['3.dense', 50],
        ['18.dense', 19],
        ['19.dense', 20],
        ['other layers', 210 - 4 - 19 - 20],
      ],
    );
  });

  it('takes some of many values, from all rows, columns and parameters alike', () => {
    const columns = 100;
    const kernel = range(1_000_000).map((i) => i % columns);
    const [layer] = layerGroups([
      parameter('0.kernel', kernel),
      parameter('0.bias', new Array<number>(1_000_000).fill(-1)),
    ]);
    const values = Array.from(layer!.values);
    assert.deepEqual([values.length, layer!.size], [4999, 2_000_000]);
    assert.ok(Math.abs(values.filter((value) => value === -1).length - 2499.5) < 2);
    const mean = values.filter((value) => value >= 0).reduce((sum, value) => sum + value, 0) / 2500;
    assert.ok(Math.abs(mean - 49.5) < 0.5, `the mean column is ${mean}`);
    assert.equal(new Set(values).size, columns + 1);
  });
});
