import assert from 'node:assert/strict';
import { inflateSync } from 'node:zlib';
import { colored, viridisColor } from '../../lib/figures/colorScale';
import { mapFigure } from '../../lib/figures/map';
import { drawPicture } from '../../lib/figures/svg/picture';
import { refuses } from '../refuses';
import { draws } from './draws';

/** The pixel in the middle of each cell of a PNG of width x height cells, as RGBA. */
function cells(source: string, width: number, height: number): number[][] {
  const png = Buffer.from(source.slice(source.indexOf(',') + 1), 'base64');
  const [columns, rows] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const start = png.indexOf('IDAT') + 4;
  const data = inflateSync(png.subarray(start, start + png.readUInt32BE(start - 8)));
  return Array.from({ length: width * height }, (_, i) => {
    const row = Math.floor(((Math.floor(i / width) + 0.5) * rows) / height);
    const column = Math.floor((((i % width) + 0.5) * columns) / width);
    const at = row * (4 * columns + 1) + 1 + 4 * column;
    return [...data.subarray(at, at + 4)];
  });
}

const [first, last] = [
  [68, 1, 84, 255],
  [253, 231, 37, 255],
];
const empty = [0, 0, 0, 0];

describe('viridis', () => {
  // matplotlib 3.9: [round(255 * c) for c in matplotlib.colormaps['viridis'](x)[:3]]
  const golden: [number, number[]][] = [
    [0, [68, 1, 84]],
    [0.25, [59, 82, 139]],
    [0.5, [33, 145, 140]],
    [0.75, [94, 201, 98]],
    [1, [253, 231, 37]],
  ];
  it('is that of matplotlib, to what no eye sees', () => {
    for (const [share, color] of golden) {
      viridisColor(share).forEach((value, i) =>
        assert.ok(Math.abs(value - color[i]!) <= 5, `${share}: ${value}`),
      );
    }
  });

  it('gets lighter all the way', () => {
    const luminance = Array.from({ length: 101 }, (_, i) => {
      const [r, g, b] = viridisColor(i / 100);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    });
    assert.ok(luminance.every((value, i) => i === 0 || value > luminance[i - 1]!));
  });

  it('colours values by their place in the range, and leaves out what is not finite', () => {
    const { pixels } = colored([1, 5, NaN, 9], [2, 2], [1, 5]);
    assert.deepEqual([...pixels], [...first, ...last, ...empty, ...last]);
  });
});

describe('mapFigure', () => {
  const grid = { x: [0, 10], y: [50, 40, 30] };
  const values = [9, 0, NaN, 0, 0, 0];

  it('draws the picture north up and west left, however the grid is ordered', () => {
    const source = (x: number[], y: number[]): string =>
      mapFigure({ x, y }, values, { title: 'map' }).layout.images![0]!.source;
    assert.deepEqual(cells(source([0, 10], [50, 40, 30]), 2, 3), [last, first, empty, first, first, first]);
    assert.deepEqual(cells(source([10, 0], [30, 40, 50]), 2, 3), [first, first, first, empty, first, last]);
  });

  it('places it so that the centres of cells are where they belong, with a colour bar of the same range', () => {
    const { layout, description } = mapFigure(grid, values, { title: 'map', unit: 'K' });
    const [map, bar] = layout.images!;
    assert.deepEqual([map?.x, map?.sizex, map?.y, map?.sizey], [5, 20, 40, 30]);
    assert.deepEqual(
      [layout.xaxis?.range, layout.yaxis?.range],
      [
        [-5, 15],
        [25, 55],
      ],
    );
    assert.deepEqual(
      [layout.yaxis2?.range, bar?.y, bar?.sizey, layout.yaxis2?.title?.text],
      [[0, 9], 4.5, 9, 'K'],
    );
    assert.match(
      description,
      /^Map of 3 × 2 values in K: from 0 to 9, the largest at latitude 50, longitude 0\.$/,
    );
  });

  it('takes a range that is given, so that maps can be compared', () => {
    const { layout } = mapFigure(grid, values, { title: 'map', range: [0, 18] });
    assert.deepEqual(layout.yaxis2?.range, [0, 18]);
    assert.notDeepEqual(cells(layout.images![0]!.source, 2, 3)[0], last);
  });

  it('tells the value where it is pointed at, of a fine map in some places', () => {
    const [targets] = mapFigure(grid, values, { title: 'map' }).data;
    assert.deepEqual(
      [targets?.x, targets?.hovertext],
      [
        [0, 10, 0, 10, 0, 10],
        ['9', '0', '–', '0', '0', '0'],
      ],
    );
    const fine = { x: Array.from({ length: 200 }, (_, i) => i), y: Array.from({ length: 100 }, (_, i) => i) };
    const figure = mapFigure(fine, new Float32Array(20_000), { title: 'fine' });
    assert.ok(figure.data[0]!.x.length <= 600);
    assert.ok(JSON.stringify(figure).length < 40_000);
  });

  it('fits the wire and a picture, with the colour bar at the right', () => {
    const figure = mapFigure(grid, values, { title: 'map', unit: 'mm' });
    draws(figure, 'latitude', 'longitude', 'mm');
    const svg = drawPicture([figure]);
    assert.equal(svg.match(/preserveAspectRatio="none"/g)?.length, 2);
    const [bar] = [...svg.matchAll(/<image [^>]*x="([\d.]+)"[^>]*width="([\d.]+)"/g)].slice(-1);
    const tick = /<text x="([\d.]+)" text-anchor="start"/.exec(svg);
    assert.ok(Math.abs(Number(tick?.[1]) - (Number(bar?.[1]) + Number(bar?.[2]) + 6)) < 0.1);
  });

  it('refuses grids that are not even, and what does not fit', () => {
    const draw = (x: number[], given: number[]) => () => mapFigure({ x, y: [0] }, given, { title: 'map' });
    refuses(draw([0, 1, 3], [1, 2, 3]), 'E_DATA', /x of the grid must be evenly spaced, got \[0, 1, 3\]/);
    refuses(draw([0, 0], [1, 2]), 'E_DATA', /evenly spaced/);
    refuses(draw([0, 1], [1]), 'E_SHAPE', /the grid has 2 values, but values has 1/);
    refuses(draw([0, 1], [NaN, NaN]), 'E_DATA', /no value is finite/);
  });
});
