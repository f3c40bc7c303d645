import assert from 'node:assert/strict';
import type { Trace } from '../../lib/figures/wire/plotly';
import { drawPicture } from '../../lib/figures/svg/picture';
import type { Figure } from '../../lib/figures/wire/messages';
import { allFigures, progress } from './examples';

const figure = (data: Trace[], layout: Figure['layout'] = {}): Figure => ({
  title: 'title',
  description: 'description',
  data,
  layout,
});

/** The attribute of the first element of that name. */
const attribute = (svg: string, element: string, name: string): string | undefined =>
  new RegExp(`<${element}\\b[^>]* ${name}="([^"]*)"`).exec(svg)?.[1];

/** Throws unless every tag is closed in order, and no text holds a bare '<' or '&'. */
function checkWellFormed(svg: string): void {
  const open: string[] = [];
  for (const [, closing, name, selfClosing, text] of svg.matchAll(
    /<(\/?)([a-zA-Z]+)(?:\s+[\w:-]+="[^"<]*")*(\/?)>([^<]*)/g,
  )) {
    if (closing) assert.equal(open.pop(), name);
    else if (!selfClosing) open.push(name!);
    assert.doesNotMatch(text!, /&(?!(?:amp|lt|gt|quot);)/);
  }
  assert.deepEqual(open, []);
  assert.equal(svg.replace(/<\/?[a-zA-Z]+(?:\s+[\w:-]+="[^"<]*")*\/?>/g, '').includes('<'), false);
}

describe('drawPicture', () => {
  const all = drawPicture(allFigures(), { progress });

  it('draws every kind of figure, well-formed and without NaN', () => {
    checkWellFormed(all);
    assert.doesNotMatch(all, /NaN|undefined|Infinity/);
    for (const { title } of allFigures()) assert.ok(all.includes(`>${title}<`), `${title} is missing`);
    assert.ok(all.length < 400_000);
  });

  it('describes itself for screen readers', () => {
    assert.equal(attribute(all, 'svg', 'role'), 'img');
    assert.match(
      attribute(all, 'svg', 'aria-label')!,
      /^Running: step 412 \/ 960.*Training loss over 3000 steps/,
    );
  });

  it('needs nothing from outside and runs nothing', () => {
    assert.doesNotMatch(all, /<script|<foreignObject|\son\w+=|href="(?!data:image\/png)|url\(|@import/);
  });

  it('escapes all text', () => {
    const evil = `</text><script>alert("1")</script>&\u0000`;
    const trace: Trace = { type: 'scatter', mode: 'markers', x: [evil, 'b'], y: [1, 2], name: evil };
    const note = { text: evil, x: 0, y: 1, xref: 'x', yref: 'y', showarrow: false } as const;
    const svg = drawPicture(
      [
        {
          title: evil,
          description: evil,
          data: [trace, { ...trace, name: 'other', marker: { color: evil } }],
          layout: { xaxis: { title: { text: evil } }, annotations: [note] },
        },
      ],
      { progress: { ...progress, message: evil, metrics: { [evil]: 1 } } },
    );
    checkWellFormed(svg);
    assert.doesNotMatch(svg, /<script|\u0000/);
    assert.ok(svg.includes('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;'));
  });

  it('cuts a title off that is wider than its figure', () => {
    const titled = (title: string): string => drawPicture([{ ...figure([]), title }, figure([])]);
    const long =
      'How a network that was trained for too long and on too little data is sure of what is wrong, in words';
    assert.match(titled(long), />How a network that was [^<]*…</);
    assert.match(titled('A short one'), />A short one</);
  });

  it('places points by their axes', () => {
    const points: Trace = { type: 'scatter', mode: 'markers', x: [1, 10, 100], y: [0, 5, 10] };
    const svg = drawPicture([
      figure([points], { xaxis: { type: 'log', range: [0, 2] }, yaxis: { range: [0, 10] } }),
    ]);
    const centres = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map((match) =>
      match.slice(1).map(Number),
    );
    const [first, middle, last] = centres as [number[], number[], number[]];
    assert.ok(Math.abs(middle[0]! - (first[0]! + last[0]!) / 2) < 0.02, 'decades are equally far apart');
    assert.ok(Math.abs(middle[1]! - (first[1]! + last[1]!) / 2) < 0.02);
    assert.ok(first[1]! > last[1]!, 'y grows upwards');
  });

  it('leaves gaps, and what a log axis cannot show, out', () => {
    const line: Trace = { type: 'scatter', mode: 'lines', x: [0, 1, 2, 3, 4], y: [1, 10, null, 100, -5] };
    const svg = drawPicture([figure([line], { yaxis: { type: 'log' } })]);
    const path = /<svg x=[^>]*><path d="([^"]*)"/.exec(svg)?.[1] ?? '';
    assert.equal(path.match(/M/g)?.length, 2);
    assert.doesNotMatch(svg, /NaN/);
  });

  it('closes each polygon of a filled area', () => {
    const area: Trace = {
      type: 'scatter',
      mode: 'none',
      x: [0, 1, 1, null, 2, 3, 3],
      y: [0, 0, 1, null, 0, 0, 1],
      fill: 'toself',
    };
    const path = /<svg x=[^>]*><path d="([^"]*)"/.exec(drawPicture([figure([area])]))?.[1] ?? '';
    assert.equal(path.match(/Z/g)?.length, 2);
  });

  it('fills to the trace before and to zero', () => {
    const lower: Trace = { type: 'scatter', mode: 'lines', x: [0, 1], y: [1, 1] };
    const upper: Trace = { ...lower, y: [2, 2], fill: 'tonexty', fillcolor: 'red' };
    const svg = drawPicture([figure([lower, upper, { ...lower, fill: 'tozeroy', fillcolor: 'green' }])]);
    for (const color of ['red', 'green']) {
      const path = new RegExp(`d="(M[^"]*)" fill="${color}"`).exec(svg)?.[1] ?? '';
      assert.match(path, /^M[^ML]*L[^ML]*L[^ML]*L[^ML]*Z$/);
    }
  });

  it('draws bars from their base, by category too', () => {
    const bars: Trace = { type: 'bar', x: ['a', 'b'], y: [1, 3], base: [1, 0], marker: { color: 'red' } };
    const svg = drawPicture([figure([bars], { yaxis: { range: [0, 4] } })]);
    const rects = [
      ...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)" fill="red"/g),
    ];
    const [a, b] = rects.map((match) => match.slice(1).map(Number)) as [number[], number[]];
    assert.ok(Math.abs(3 * a[3]! - b[3]!) < 0.05);
    assert.ok(a[0]! < b[0]! && a[2] === b[2]);
    assert.match(svg, />a<\/text>/);
  });

  it('writes dates and given ticks', () => {
    const trace: Trace = {
      type: 'scatter',
      mode: 'lines',
      x: [Date.UTC(2020, 0, 1), Date.UTC(2020, 11, 31)],
      y: [0, 1],
    };
    assert.match(drawPicture([figure([trace], { xaxis: { type: 'date' } })]), />(?:2020|July|April)</);
    const layout = { yaxis: { tickvals: [0, 1], ticktext: ['none', 'all'] } };
    assert.match(drawPicture([figure([trace], layout)]), />none<.*>all</s);
  });

  it('draws a figure without data', () => {
    const svg = drawPicture([figure([])]);
    checkWellFormed(svg);
    assert.doesNotMatch(svg, /NaN/);
  });

  it('puts figures side by side as far as they fit', () => {
    const height = (count: number, width: number): number =>
      Number(attribute(drawPicture(allFigures().slice(0, count), { width }), 'svg', 'height'));
    assert.equal(height(2, 960), height(1, 960));
    assert.ok(height(2, 500) > 1.8 * height(1, 500));
  });
});
