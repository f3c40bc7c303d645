import assert from 'node:assert/strict';
import { riskCoverageFigure } from '../../lib/figures/riskCoverage';
import { separationFigure } from '../../lib/figures/separation';
import { refuses } from '../refuses';
import { draws } from './draws';

describe('separationFigure', () => {
  it('draws shares of both kinds over the same bins, and the area under the ROC curve', () => {
    const { data, title, description } = separationFigure([0, 1, 1, 2], [2, 4], { bins: 2 });
    const [known, unknown] = data;
    assert.deepEqual(
      [known?.x, known?.y],
      [
        [1, 3],
        [0.75, 0.25],
      ],
    );
    assert.deepEqual(
      [unknown?.x, unknown?.y],
      [
        [1, 3],
        [0, 1],
      ],
    );
    assert.deepEqual([known?.name, unknown?.name], ['known (4)', 'unknown (2)']);
    // of the 8 pairs 7 are in order, and one is a tie
    assert.equal(title, 'Known and unknown inputs: AUROC 0.938');
    assert.match(description, /means 1 and 3: .* in 94 % of cases/);
  });

  it('fits the wire and a picture', () =>
    draws(
      separationFigure([0, 1], [1, 2], { names: ['digits', 'letters'], score: 'entropy' }),
      'digits (2)',
      'letters (2)',
      'entropy',
    ));

  it('refuses what it cannot compare', () => {
    refuses(() => separationFigure([1], []), 'E_DATA', /both kinds are needed/);
    refuses(() => separationFigure([1, NaN], [2]), 'E_DATA', /NaN/);
  });
});

describe('riskCoverageFigure', () => {
  const error = [0, 1, 0, 1];
  const figure = riskCoverageFigure([0.9, 0.8, 0.7, 0.6], error, { error: 'error rate' });

  it('draws the risk by confidence, by chance, and of the best order', () => {
    const [chance, best, curve] = figure.data;
    assert.deepEqual(
      [curve?.x, curve?.y],
      [
        [0.25, 0.5, 0.75, 1],
        [0, 0.5, 0.333333, 0.5],
      ],
    );
    assert.deepEqual(best?.y, [0, 0, 0.333333, 0.5]);
    assert.deepEqual(chance?.y, [0.5, 0.5]);
    assert.equal(figure.title, 'Answering only when confident: AURC 0.333');
    assert.match(figure.description, /0\.5 for one half, 0\.5 for 80 %, 0\.5 for all.*0\.125 more than/);
  });

  it('keeps few of many points', () => {
    const many = Array.from({ length: 20_000 }, (_, i) => i % 7);
    const drawn = riskCoverageFigure(many, many);
    assert.ok(JSON.stringify(drawn).length < 40_000);
    assert.equal(drawn.data[2]?.x.at(-1), 1);
  });

  it('fits the wire and a picture, also where nothing is wrong', () => {
    draws(figure, 'best order', 'mean error rate');
    draws(riskCoverageFigure([1, 2], [0, 0]));
  });

  it('refuses errors below 0, and lengths that differ', () => {
    refuses(() => riskCoverageFigure([1], [-1]), 'E_DATA', /must not be negative/);
    refuses(() => riskCoverageFigure([1], [1, 2]), 'E_SHAPE', /confidence has 1 values/);
  });
});
