import assert from 'node:assert/strict';
import { learningRateFigure } from '../../lib/figures/learningRate';
import { runCurvesFigure } from '../../lib/figures/runCurves';
import { tableFigure } from '../../lib/figures/table';
import { workersFigure } from '../../lib/figures/workers';
import { refuses } from '../refuses';
import { draws } from './draws';

const run = (name: string, loss: number[], seconds = 2) => ({
  name,
  steps: loss.map((_, i) => i + 1),
  loss,
  seconds,
});

describe('runCurvesFigure', () => {
  it('draws every step faintly and a smooth line under one name', () => {
    const long = Array.from({ length: 100 }, (_, i) => (i % 2 ? 1.5 : 0.5));
    const { data } = runCurvesFigure([run('a', long)]);
    assert.deepEqual(
      data.map(({ name, showlegend = true }) => [name, showlegend]),
      [
        ['a', false],
        ['a', true],
      ],
    );
    assert.deepEqual(data[0]?.y, long);
    // the mean of three neighbours: 5/6 and 7/6 in turn, and the ends as they are
    assert.deepEqual(data[1]?.y.slice(0, 3), [0.5, 0.833333, 1.16667]);
  });

  it('spreads the steps over the seconds of each run', () => {
    const { data, layout } = runCurvesFigure([run('a', [3, 2, 1, 0.5], 2), run('b', [3, 2], 10)], {
      over: 'seconds',
    });
    assert.deepEqual(
      [data[0]?.x, data[1]?.x],
      [
        [0.5, 1, 1.5, 2],
        [5, 10],
      ],
    );
    assert.equal(layout.xaxis?.title?.text, 'seconds of work');
  });

  it('has a logarithmic axis for losses that span much, not for negative ones', () => {
    const type = (...loss: number[]) => runCurvesFigure([run('a', loss)]).layout.yaxis?.type;
    assert.deepEqual([type(100, 1), type(10, 1), type(100, -1)], ['log', 'linear', 'linear']);
  });

  it('fits the wire and a picture, also before the first step', () => {
    draws(runCurvesFigure([run('a', [3, NaN, 1]), run('b', [])]), 'a', 'b');
    assert.match(runCurvesFigure([run('b', [])]).description, /b: no step yet/);
  });

  it('refuses nothing, and lengths that differ', () => {
    refuses(() => runCurvesFigure([]), 'E_DATA', /no run/);
    refuses(() => runCurvesFigure([{ ...run('a', [1]), steps: [] }]), 'E_SHAPE', /a: steps has 0 values/);
  });
});

describe('tableFigure', () => {
  const figure = tableFigure('Table', [
    ['run', 'loss'],
    ['first', '0.5'],
    ['second', '0.25'],
  ]);

  it('places the cells of a column under each other, names left and numbers right', () => {
    const { annotations = [], height } = figure.layout;
    assert.deepEqual(
      annotations.map(({ text, x, y, xanchor }) => [text, x, y, xanchor]),
      [
        ['run', 0, 0.5, 'left'],
        ['loss', 1, 0.5, 'right'],
        ['first', 0, 1.5, 'left'],
        ['0.5', 1, 1.5, 'right'],
        ['second', 0, 2.5, 'left'],
        ['0.25', 1, 2.5, 'right'],
      ],
    );
    assert.equal(height, 92);
    assert.equal(figure.description, 'first, loss 0.5; second, loss 0.25');
  });

  it('fits the wire and a picture', () => draws(figure, 'run', 'second', '0.25'));
});

describe('learningRateFigure', () => {
  it('has a logarithmic axis where the rate falls far', () => {
    const figure = (rate: number[]) => learningRateFigure({ steps: rate.map((_, i) => i + 1), rate });
    assert.equal(figure([1, 0.5]).layout.yaxis?.type, 'linear');
    assert.equal(figure([1, 0.01]).layout.yaxis?.type, 'log');
    assert.match(figure([1, 0.01]).description, /over 2 steps: from 1 to 0\.01/);
    assert.match(figure([]).description, /no step is done yet/);
    draws(figure([0, 1]), 'learning rate');
    refuses(() => learningRateFigure({ steps: [1], rate: [] }), 'E_SHAPE', /steps has 1 values/);
  });
});

describe('workersFigure', () => {
  it('stacks the shares of each worker, with its speed above', () => {
    const figure = workersFigure([
      { name: 'worker 0', compute: 6, exchange: 1, wait: 1, stepsPerSecond: 12.345 },
      { name: 'worker 1', compute: 0, exchange: 0, wait: 0 },
    ]);
    const [compute, exchange, wait] = figure.data;
    assert.deepEqual(
      [compute?.y, exchange?.y, wait?.y],
      [
        [0.75, 0],
        [0.125, 0],
        [0.125, 0],
      ],
    );
    assert.deepEqual(wait?.type === 'bar' && wait.base, [0.875, 0]);
    assert.deepEqual(
      figure.layout.annotations?.map(({ text, x }) => [text, x]),
      [['12.3/s', 0]],
    );
    assert.match(
      figure.description,
      /worker 0: compute 75 %, exchange 13 %, wait 13 %, 12\.3 steps a second; /,
    );
    draws(figure, 'worker 1', 'exchange');
    refuses(() => workersFigure([]), 'E_DATA', /no worker/);
  });
});
