import assert from 'node:assert/strict';
import { chainRanksFigure } from '../../lib/figures/chainRanks';
import { chainTracesFigure } from '../../lib/figures/chainTraces';
import { ess, rhat } from '../../lib/metrics';
import { ndarray } from '../../lib/ndarray';
import { refuses } from '../refuses';
import { draws } from './draws';
import { chainDraws } from './viewExamples';

const together = chainDraws([0, 0, 0], 600);
const apart = chainDraws([0, 3, 0], 600);
const flat = ndarray(new Float32Array(8), [8]);

describe('chainTracesFigure', () => {
  it('draws each chain over its draws, with what the metrics say', () => {
    const { data, title, description } = chainTracesFigure(together, { name: 'w' });
    assert.deepEqual(
      data.map(({ name }) => name),
      ['chain 1', 'chain 2', 'chain 3'],
    );
    assert.deepEqual([data[1]?.x[0], data[1]?.y[0]], [0, Number(together[600]!.toPrecision(6))]);
    assert.equal(title, `w: R-hat ${rhat(together).toFixed(3)}, ESS ${Number(ess(together).toPrecision(3))}`);
    assert.match(description, /^3 chains of 600 draws of w: .*The chains agree\.$/);
  });

  it('says if chains do not agree, or are worth little', () => {
    assert.match(chainTracesFigure(apart).description, /do not agree: R-hat is above 1\.01/);
    const few = chainDraws([0, 0, 0, 0], 80);
    assert.ok(rhat(few) > 1.01 || chainTracesFigure(few).description.includes('worth less than 100'));
  });

  it('says if they do not move', () => {
    const stuck = chainTracesFigure(ndarray(new Float32Array(20).fill(2), [2, 10]));
    assert.equal(stuck.title, 'draws: R-hat –, ESS 20');
    assert.match(stuck.description, /the chains do not move\.$/);
    draws(stuck);
  });

  it('fits the wire and a picture', () => draws(chainTracesFigure(together), 'chain 3', 'draw'));

  it('refuses draws that are not by chain', () =>
    refuses(() => chainTracesFigure(flat), 'E_SHAPE', /\[chains, draws\]/));
});

describe('chainRanksFigure', () => {
  it('draws where the draws of each chain are among all, in a row of its own', () => {
    const figure = chainRanksFigure(ndarray(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), [2, 4]), { bins: 2 });
    const [first, second, expected] = figure.data;
    // the first chain has the four lowest ranks: all in the first bin, twice of what is expected
    assert.deepEqual(
      [first?.y, second?.y],
      [
        [0.9, 0],
        [0, 0.9],
      ],
    );
    assert.deepEqual(
      [first?.type === 'bar' && first.base, expected?.y],
      [
        [1, 1],
        [1.45, 1.45],
      ],
    );
    assert.match(figure.description, /2 chains among all 8.* the 2 expected differs by 100 %/);
  });

  it('shares ranks among draws that are equal', () => {
    const { data } = chainRanksFigure(ndarray(new Float32Array(8), [2, 4]), { bins: 3 });
    assert.deepEqual(
      [data[0]?.y, data[1]?.y],
      [
        [0, 0.9, 0],
        [0, 0.9, 0],
      ],
    );
  });

  it('fits the wire and a picture', () => draws(chainRanksFigure(apart), 'chain 1', 'rank among all draws'));

  it('refuses draws that are not by chain', () =>
    refuses(() => chainRanksFigure(flat), 'E_SHAPE', /\[chains, draws\]/));
});
