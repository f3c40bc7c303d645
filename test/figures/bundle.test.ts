import assert from 'node:assert/strict';
import { viewBundle } from '../../lib/figures/bundle';
import { combineFigures } from '../../lib/figures/grid';
import { lossFigure } from '../../lib/figures/loss';
import { toPlotly } from '../../lib/figures/toPlotly';
import { MIME_TYPE, parseView, type Figure, type View } from '../../lib/figures/wire/messages';
import { allFigures, bandExample, lossHistory, progress } from './examples';

const run: View = { version: 1, kind: 'run', progress, figures: [bandExample()] };

describe('viewBundle', () => {
  it('shows a view to every front end', () => {
    const bundle = viewBundle(run);
    assert.deepEqual(Object.keys(bundle).sort(), [
      'application/vnd.credence.v1+json',
      'application/vnd.plotly.v1+json',
      'image/svg+xml',
      'text/html',
      'text/plain',
    ]);
    assert.match(String(bundle['image/svg+xml']), /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    assert.match(
      String(bundle['text/plain']),
      /^Running: step 412 \/ 960, .*ece 0\.0313\.\nPrediction with uncertainty: Predictive mean at 161 points/,
    );
  });

  it('holds the picture as HTML in which only the picture is', () => {
    const evil = `"><script>alert(1)</script><img src=x onerror='alert(1)'>\n&quot; 50 % #1`;
    const [first] = allFigures();
    const figures = [{ ...first!, title: evil, description: evil }];
    const bundle = viewBundle({ version: 1, kind: 'run', progress: { ...progress, message: evil }, figures });
    const html = String(bundle['text/html']);
    const parts =
      /^<img alt="([^"<>]*)" src="data:image\/svg\+xml,([^"<>#\n]*)" style="max-width: 100%">$/.exec(html);
    assert.ok(parts, html.slice(0, 500));
    const entities: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&amp;': '&' };
    assert.equal(
      parts[1]!.replace(/&\w+;/g, (entity) => entities[entity]!),
      bundle['text/plain'],
    );
    assert.equal(decodeURIComponent(parts[2]!), bundle['image/svg+xml']);
    assert.doesNotMatch(String(bundle['image/svg+xml']), /<script|<img/);
  });

  it('costs little more for the HTML than for the SVG', () => {
    const bundle = viewBundle(run);
    const [html, svg] = ['text/html', 'image/svg+xml'].map((type) => JSON.stringify(bundle[type]).length);
    assert.ok(html! < 1.15 * svg!, `${html} and ${svg} bytes`);
  });

  it('holds a view that survives JSON', () => {
    const sent = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
    assert.deepEqual(parseView(sent(viewBundle(run)[MIME_TYPE])), { ok: true, value: sent(run) });
  });

  it('tells a run that has no figure yet', () => {
    const bundle = viewBundle({ ...run, figures: [] });
    assert.ok(!('application/vnd.plotly.v1+json' in bundle));
    assert.match(String(bundle['image/svg+xml']), /Running: step 412/);
  });

  it('is bounded, however many points there are', () => {
    const long = viewBundle({ ...run, figures: [lossFigure(lossHistory(200_000))] });
    assert.ok(JSON.stringify(long).length < 200_000, `${JSON.stringify(long).length} bytes`);
  });

  it('stays small, and leaves fallbacks out that would be large', () => {
    assert.ok(JSON.stringify(viewBundle({ ...run, figures: allFigures().slice(0, 12) })).length < 650_000);
    const many = viewBundle({ ...run, figures: Array.from({ length: 60 }, bandExample) });
    assert.deepEqual(Object.keys(many), [MIME_TYPE, 'text/plain']);
  });
});

describe('toPlotly', () => {
  const evil = '<a href="x">&amp;\nb</a>';
  const escaped = '&lt;a href="x"&gt;&amp;amp;<br>b&lt;/a&gt;';
  const figure: Figure = {
    title: evil,
    description: evil,
    data: [
      {
        type: 'bar',
        x: [evil, 1],
        y: [1, null],
        name: evil,
        hovertext: [evil],
        hovertemplate: `${evil}%{y}`,
      },
    ],
    layout: {
      xaxis: { title: { text: evil }, ticktext: [evil] },
      annotations: [{ text: evil, x: 0, y: 0, xref: 'x', yref: 'y', showarrow: false }],
    },
  };

  it('leaves no markup in any text', () => {
    const { data, layout } = toPlotly(figure);
    assert.deepEqual(data, [
      {
        type: 'bar',
        x: [escaped, 1],
        y: [1, null],
        name: escaped,
        hovertext: [escaped],
        hovertemplate: `${escaped}%{y}<extra></extra>`,
      },
    ]);
    assert.deepEqual(layout, {
      xaxis: { title: { text: escaped, standoff: 6 }, ticktext: [escaped] },
      annotations: [{ text: escaped, x: 0, y: 0, xref: 'x', yref: 'y', showarrow: false }],
    });
  });

  it('drops undefined properties', () => {
    const [trace] = toPlotly({ ...figure, data: [{ ...figure.data[0]!, name: undefined }] }).data;
    assert.ok(!('name' in trace!));
  });

  it('keeps markup out of the combined figure too', () => {
    assert.doesNotMatch(JSON.stringify(combineFigures([figure, figure])), /<a /);
  });
});

describe('combineFigures', () => {
  it('gives each figure axes, a legend and a place of its own', () => {
    const { data, layout } = combineFigures(allFigures());
    const domains = allFigures().map((_, i) => {
      const number = 2 * i + 1;
      const name = (side: string): string => `${side}axis${number === 1 ? '' : number}`;
      return [layout[name('x')], layout[name('y')]].map((axis) => (axis as { domain: number[] }).domain);
    });
    for (const [[left, right], [bottom, top]] of domains as [number[], number[]][]) {
      assert.ok(0 <= left! && left! < right! && right! <= 1 && 0 <= bottom! && bottom! < top! && top! <= 1);
    }
    const [first, second] = domains as [number[], number[]][];
    assert.ok(first![0][1]! < second![0][0]!);
    assert.deepEqual(first![1], second![1]);
    for (const trace of data) {
      for (const side of ['x', 'y']) {
        const id = trace[`${side}axis`] as string;
        assert.ok(id.replace(side, `${side}axis`) in layout, `${id} has no axis`);
      }
    }
    assert.equal(new Set(data.map(({ legend }) => legend)).size, allFigures().length);
  });
});
