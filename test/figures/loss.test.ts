import assert from 'node:assert/strict';
import { CredenceError } from '../../lib/errors';
import { lossFigure } from '../../lib/figures/loss';
import { lossHistory } from './examples';

describe('lossFigure', () => {
  const history = { steps: [1, 2, 3], loss: [3, 2, 1.5], nll: [2, 1.2, 0.8], kl: [1, 0.8, 0.7] };

  it('draws the loss and its two parts over the steps', () => {
    const { data, layout } = lossFigure(history);
    assert.deepEqual(
      data.map(({ name, x, y }) => ({ name, x, y })),
      [
        { name: 'loss', x: [1, 2, 3], y: [3, 2, 1.5] },
        { name: 'negative log likelihood', x: [1, 2, 3], y: [2, 1.2, 0.8] },
        { name: 'KL / N', x: [1, 2, 3], y: [1, 0.8, 0.7] },
      ],
    );
    assert.equal(layout.yaxis?.type, 'linear');
  });

  it('adds validation points where there are any', () => {
    const { data, description } = lossFigure({ ...history, validation: { steps: [2], nll: [1.4] } });
    assert.deepEqual(data[3]?.y, [1.4]);
    assert.match(description, /validation data 1\.4\./);
  });

  it('says in a sentence where training got to', () => {
    assert.equal(
      lossFigure(history).description,
      'Training loss over 3 steps, from 3 to 1.5 nats per datum: negative log likelihood 0.8, KL divergence per datum 0.7.',
    );
    const nothing = lossFigure({ steps: [], loss: [], nll: [], kl: [] });
    assert.match(nothing.description, /no step is done yet/);
  });

  it('takes a log axis only for positive values over a wide range', () => {
    const type = (loss: number[]) => lossFigure({ ...history, loss }).layout.yaxis?.type;
    assert.equal(type([300, 2, 1.5]), 'log');
    assert.equal(type([300, 2, -1]), 'linear');
  });

  it('makes gaps of values that are not finite', () => {
    const { data } = lossFigure({ ...history, loss: [3, NaN, Infinity] });
    assert.deepEqual(data[0]?.y, [3, null, null]);
  });

  it('bounds the points of a long run', () => {
    const { data } = lossFigure(lossHistory(100_000));
    for (const { x, y } of data) assert.ok(x.length <= 500 && x.length === y.length);
  });

  it('refuses arrays of different lengths', () => {
    assert.throws(
      () => lossFigure({ ...history, kl: [1] }),
      (error) =>
        error instanceof CredenceError && error.code === 'E_SHAPE' && error.message.includes('kl has 1'),
    );
  });
});
