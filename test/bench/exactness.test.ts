import assert from 'node:assert/strict';
import { deviation, exactnessMarkdown, train, ways } from '../../bench/exactness';
import { parseOptions } from '../../bench/options';
import { refuses } from '../refuses';

describe('npm run bench -- exactness', () => {
  it('measures all meshes of 2, 3, 4 and 6 workers, and other ways to compute', () => {
    assert.deepEqual(
      ways.map(({ options: { strategy } }) => `${strategy.sample}x${strategy.data}`),
      '2x1 1x2 3x1 1x3 4x1 2x2 1x4 6x1 3x2 2x3 1x6 1x1 2x1 2x1'.split(' '),
    );
  });

  it('relates the largest difference to the largest element of its array', () => {
    const of = (a: number, b: number) =>
      new Map([
        ['a', Float32Array.of(a, -8)],
        ['b', Float32Array.of(b, 0.5)],
      ]);
    assert.equal(deviation(of(1, 0), of(1, 0)), 0);
    assert.equal(deviation(of(3, 0), of(1, 0)), 2 / 8);
    assert.equal(deviation(of(3, 0.25), of(1, 0)), 0.25 / 0.5);
    assert.ok(Number.isNaN(deviation(of(1, NaN), of(1, 0))));
  });

  it('finds that two workers learn the same by the elbo, and not by the approximation of the paper', async () => {
    const [alone, two] = [{ strategy: { sample: 1, data: 1 } }, { strategy: { sample: 2, data: 1 } }];
    const off = async (objective: 'elbo' | 'predictivePerWorker') =>
      deviation(
        await train('classification', objective, two),
        await train('classification', objective, alone),
      );
    assert.ok((await off('elbo')) < 1e-5);
    assert.ok((await off('predictivePerWorker')) > 1e-2);
  });

  it('prints a row for each way', () => {
    const values = ways.map((_, i) => (i === 0 ? null : i === 1 ? 0 : 1.5e-7));
    const lines = exactnessMarkdown([{ title: 'elbo', values }]).split('\n');
    assert.equal(lines.length, 2 + ways.length);
    assert.deepEqual(lines.slice(0, 5), [
      '| shared out over | elbo |',
      '| --- | --: |',
      '| 2 workers, 2 x 1 | diverges |',
      '| 2 workers, 1 x 2 | 0 |',
      '| 3 workers, 3 x 1 | 1.5e-7 |',
    ]);
  });

  it('takes no other option than --docs', () => {
    assert.equal(parseOptions(['exactness', '--docs']).page, 'exactness');
    assert.equal(parseOptions(['exchange']).page, 'exchange');
    assert.equal(parseOptions(['scaling']).page, undefined);
    for (const more of [['a'], ['--threads', '2']]) {
      refuses(() => parseOptions(['exactness', ...more]), 'E_OPTION', /no option but --docs/);
    }
  });
});
