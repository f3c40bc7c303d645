import assert from 'node:assert/strict';
import { linesFigure } from '../../lib/figures/lines';
import { drawPicture } from '../../lib/figures/svg/picture';
import { parseView, WIRE_VERSION } from '../../lib/figures/wire/messages';
import { refuses } from '../refuses';

const titles = { title: 'Accuracy', xTitle: 'epoch', yTitle: 'accuracy' };
const twice = { name: 'twice', x: [1, 2], y: [Float32Array.of(0.25, 0.5), [0.75, 1]] };
const once = { name: 'once', x: [1, 3], y: [[0.5, NaN]] };

describe('linesFigure', () => {
  it('draws every repetition, and their mean above them under one name', () => {
    const { data, layout } = linesFigure([twice], titles);
    assert.deepEqual(
      data.map(({ x, y, showlegend = true }) => [x, y, showlegend]),
      [
        [[1, 2], [0.25, 0.5], false],
        [[1, 2], [0.75, 1], false],
        [[1, 2], [0.5, 0.75], true],
      ],
    );
    assert.deepEqual([layout.xaxis?.title?.text, layout.yaxis?.title?.text], ['epoch', 'accuracy']);
  });

  it('draws what was done once as one line; what is no number is a gap', () => {
    const { data } = linesFigure([once], titles);
    assert.deepEqual(
      data.map(({ name, y }) => [name, y]),
      [['once', [0.5, null]]],
    );
  });

  it('has markers where there are few points', () => {
    const modeOf = (length: number) => {
      const x = Array.from({ length }, (_, i) => i);
      const [trace] = linesFigure([{ name: 'a', x, y: [x] }], titles).data;
      return trace?.type === 'scatter' && trace.mode;
    };
    assert.deepEqual([modeOf(40), modeOf(41)], ['lines+markers', 'lines']);
  });

  it('draws a reference over the whole axis', () => {
    const [level] = linesFigure([twice, once], { ...titles, reference: { name: 'target', y: 0.6 } }).data;
    assert.deepEqual([level?.name, level?.x, level?.y], ['target', [1, 3], [0.6, 0.6]]);
  });

  it('fits the wire, and a picture', () => {
    const figure = linesFigure([twice, once], { ...titles, reference: { name: 'target', y: 0.6 } });
    const view = { version: WIRE_VERSION, kind: 'figure', figures: [figure] };
    const parsed = parseView(JSON.parse(JSON.stringify(view)));
    assert.deepEqual(parsed, { ok: true, value: view });
    const svg = drawPicture([figure]);
    assert.doesNotMatch(svg, /NaN|undefined|Infinity/);
    for (const name of ['target', 'twice', 'once']) assert.equal(svg.split(`>${name}<`).length, 2, name);
  });

  it('says in a sentence where the means begin and end', () => {
    assert.equal(
      linesFigure([twice, { ...once, y: [[0.5, 0.125]] }], titles).description,
      'accuracy over epoch: twice (mean of 2): 0.5 at 1, 0.75 at 2; once: 0.5 at 1, 0.125 at 3.',
    );
  });

  it('refuses nothing, and lengths that differ', () => {
    refuses(() => linesFigure([], titles), 'E_DATA', /no line to draw/);
    refuses(() => linesFigure([{ ...twice, y: [] }], titles), 'E_DATA', /'twice' has nothing to draw/);
    refuses(() => linesFigure([{ ...twice, y: [[1]] }], titles), 'E_SHAPE', /2 places.* 1 values/);
  });
});
