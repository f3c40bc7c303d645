import assert from 'node:assert/strict';
import { MIME_TYPE, parseView } from '../../lib/figures/wire/messages';
import { displaySymbol } from '../../lib/host';
import { classification, regression } from '../../lib/inference/posterior/prediction';
import { ndarray } from '../../lib/ndarray';
import { type Picture, show } from '../../lib/show';

const floats = (shape: number[], of: (i: number) => number) =>
  ndarray(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => of(i)),
    shape,
  );

/** Two samples, six data, two classes. */
const classes = classification(floats([2, 6, 2], (i) => (i % 2 === 0 ? 0.3 : 0.7)));
const labels = Int32Array.of(0, 1, 1, 0, 1, 1);
const digits = floats([6, 2, 2], (i) => (i % 5) / 4);
/** Three samples, four data, two targets. */
const line = regression(
  floats([3, 4, 2], (i) => i / 10),
  floats([3, 4, 2], () => 0.04),
);

const targets = Float32Array.from({ length: 8 }, (_, i) => 0.8 + i / 10);
const others = classification(floats([2, 3, 2], () => 0.5));
const draws = floats([2, 20], (i) => Math.sin(7 * i));

const pictures: Record<string, () => Picture> = {
  reliability: () => show.reliability(classes, labels),
  bands: () => show.bands([0, 1, 2, 3], line, { target: 1 }),
  pit: () => show.pit(line, targets, { target: 1 }),
  calibrationCurve: () => show.calibrationCurve(line, targets, { kind: 'quantile' }),
  maps: () => show.maps({ x: [0, 1], y: [0, 1] }, line, { index: 1, unit: 'K' }),
  separation: () => show.separation(classes, others, { by: 'total' }),
  riskCoverage: () => show.riskCoverage(classes, labels),
  chains: () => show.chains(draws),
  images: () => show.images(digits, classes, labels, { select: 'uncertain' }),
  speedup: () =>
    show.speedup([
      { workers: 1, seconds: [1, 1.1] },
      { workers: 2, seconds: [0.6, 0.55] },
    ]),
  lines: () => show.lines([{ name: 'a', x: [1, 2], y: [[3, 4]] }], { title: 't', xTitle: 'x', yTitle: 'y' }),
};

describe('show: pictures', () => {
  for (const [name, make] of Object.entries(pictures)) {
    it(`${name} shows itself as every MIME type, and as text where there is no notebook`, () => {
      const picture = make();
      const bundle = picture[displaySymbol]();
      const parsed = parseView(JSON.parse(JSON.stringify(bundle[MIME_TYPE])));
      assert.ok(parsed.ok && parsed.value.kind === 'figure');
      assert.equal(parsed.value.figures.length, picture.figures.length);
      assert.match(bundle['image/svg+xml'] as string, /^<svg/);
      assert.ok('application/vnd.plotly.v1+json' in bundle);
      assert.equal(String(picture), bundle['text/plain']);
      assert.ok(String(picture).length > 20);
    });
  }

  it('bands draws the target that is asked for', () => {
    const means = (target: number) =>
      JSON.stringify(show.bands([0, 1, 2, 3], line, { target }).figures[0]!.data);
    assert.notEqual(means(0), means(1));
  });

  it('refuses options that make no sense', () => {
    const refused = (draw: () => unknown, message: RegExp): void =>
      assert.throws(draw, { code: 'E_OPTION', message });
    refused(
      () => show.images(digits, classes, labels, { select: 'wrong' as 'uncertain' }),
      /show\.images: option 'select'/,
    );
    refused(() => show.images(digits, classes, labels, undefined as never), /show\.images/);
    refused(
      () => show.bands([0, 1, 2, 3], line, { tittle: 'x' } as never),
      /unknown option 'tittle'.*'title'/,
    );
    refused(() => show.bands([0, 1, 2, 3], line, { target: 5 }), /no target 5/);
    refused(() => show.speedup([{ workers: 1, seconds: [1] }], { scaling: 'odd' as 'weak' }), /scaling/);
  });

  it('refuses labels that do not fit', () => {
    assert.throws(() => show.reliability(classes, [0, 1]), { name: 'CredenceError' });
    assert.throws(() => show.reliability(classes, [0, 1, 2, 0, 0, 0]), { name: 'CredenceError' });
  });
});
