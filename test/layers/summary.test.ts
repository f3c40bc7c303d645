import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { displaySymbol } from '../../lib/host';
import { convert } from '../../lib/layers/convert';
import { activation, batchNorm, dense, flatten, layerNorm, residual, vit } from '../../lib/layers';
import { sequential } from '../../lib/layers/sequential';
import { summary } from '../../lib/layers/summary';
import { refuses } from '../refuses';

const model = sequential([
  flatten(),
  dense({ units: 64, activation: 'relu', bayesian: false }),
  residual(sequential([layerNorm(), dense({ units: 64 })])),
  dense({ units: 10 }),
]);

describe('layers: summary', () => {
  it('lists layers with their outputs and parameters, and adds up', () => {
    assert.equal(
      String(summary(model, [8, 8])),
      `layer                   output  parameters  Bayesian
sequential              [10]         9,098  4,810
0.flatten               [64]
1.dense                 [64]         4,160  no
2.residual              [64]         4,288  4,160
2.residual.0.layerNorm  [64]           128  no
2.residual.1.dense      [64]         4,160  yes
3.dense                 [10]           650  yes

9,098 parameters, 4,810 Bayesian: 13,908 numbers to learn. Inputs are [8, 8].`,
    );
  });

  it('goes as deep as it is asked to', () => {
    const paths = (depth?: number): string[] =>
      summary(
        vit({ patch: 2, dim: 8, depth: 1, heads: 2, mlp: 6, classes: 2 }),
        [4, 4, 1],
        depth ? { depth } : {},
      ).rows.map(({ path }) => path);
    assert.deepEqual(paths(1), ['vit', 'embedding', 'encoder', 'mean', 'head']);
    assert.deepEqual(paths().slice(6, 10), ['embedding.position', 'encoder', 'encoder.0', 'encoder.norm']);
    assert.ok(paths(5).includes('encoder.0.attention.heads'));
  });

  it('tells averages from what is learned', () => {
    const told = summary(sequential([dense({ units: 4, bias: false }), batchNorm()]), [3]);
    assert.deepEqual(told.rows[2], {
      path: '1.batchNorm',
      depth: 1,
      outputShape: [4],
      parameters: 16,
      bayesian: 0,
      moving: 8,
    });
    assert.match(String(told), /28 parameters, 12 Bayesian, 8 moving averages: 32 numbers to learn/);
  });

  it('gives the numbers, too', () => {
    const told = summary(model, [8, 8]);
    assert.equal(told.parameters, 9098);
    assert.equal(told.bayesian, 4810);
    assert.deepEqual(told.rows[2], {
      path: '1.dense',
      depth: 1,
      outputShape: [64],
      parameters: 4160,
      bayesian: 0,
      moving: 0,
    });
    const all = summary(convert(model, { bayesian: () => true }), [8, 8]);
    assert.match(String(all), /9,098 parameters, all Bayesian: 18,196 numbers to learn/);
    assert.match(
      String(summary(convert(model, { bayesian: false }), [8, 8])),
      /9,098 parameters, none Bayesian\. Inputs/,
    );
    assert.match(
      String(summary(activation('relu'), [2])),
      /^layer .*\nrelu +\[2\]\n\n0 parameters, none Bayesian\. Inputs are \[2\]\.$/,
    );
  });

  it('shows itself as text and as a table', () => {
    const told = summary(model, [8, 8]);
    assert.equal(inspect(told), String(told));
    const bundle = told[displaySymbol]();
    assert.equal(bundle['text/plain'], String(told));
    const lines = (bundle['text/markdown'] as string).split('\n');
    assert.deepEqual(lines.slice(0, 4), [
      '| layer | output | parameters | Bayesian |',
      '| :-- | :-- | --: | :-- |',
      '| `sequential` | [10] | 9,098 | 4,810 |',
      '| `0.flatten` | [64] |  |  |',
    ]);
  });

  it('refuses what it cannot take, and says why', () => {
    refuses(() => summary({} as never, [2]), 'E_OPTION', /^summary: the first argument must be a model/);
    refuses(
      () => summary(model, 8 as never),
      'E_OPTION',
      /^summary: inputShape: must be the shape of one input/,
    );
    refuses(
      () => summary(model, [8], { dept: 2 } as never),
      'E_OPTION',
      /^summary: unknown option 'dept'. Did you mean 'depth'/,
    );
    refuses(
      () =>
        summary(sequential([vit({ patch: 3, dim: 8, depth: 1, heads: 2, mlp: 6, classes: 2 })]), [8, 8, 1]),
      'E_SHAPE',
      /patches of 3 x 3 do not tile/,
    );
  });
});
