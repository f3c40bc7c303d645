import assert from 'node:assert/strict';
import { backend } from '../../lib/engine/tfjs/backend';
import { reshape } from '../../lib/layers';
import { refuses } from '../refuses';
import { applied, assertSamplesApart, noise } from './evaluate';

describe('layers: reshape', () => {
  before(() => {
    backend();
  });

  it('keeps the numbers of each input, in their order', () => {
    const layer = reshape([2, 3, 2]);
    assert.deepEqual(layer.build([12]).outputShape, [2, 3, 2]);
    const x = noise(1, [2, 3, 6, 2]);
    const y = applied(layer, [6, 2])({ x });
    assert.deepEqual(y.shape, [2, 3, 2, 3, 2]);
    assert.deepEqual(y.dataSync(), x.dataSync());
    assertSamplesApart(layer, [6, 2], [2, 1]);
  });

  it('refuses what it cannot take, and says why', () => {
    refuses(
      () => reshape([2, 3]).build([4, 2]),
      'E_SHAPE',
      /^layers\.reshape cannot make \[2, 3\] of \[4, 2\]: 8 numbers are not 6$/,
    );
    refuses(() => reshape(6 as never), 'E_OPTION', /^layers\.reshape: must be a list of lengths/);
    refuses(() => reshape([-1, 2]), 'E_OPTION', /^layers\.reshape/);
  });
});
