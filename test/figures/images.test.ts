import assert from 'node:assert/strict';
import { inflateSync } from 'node:zlib';
import { imagesFigure } from '../../lib/figures/images';
import { encodePng, enlarge } from '../../lib/figures/png';
import { ndarray } from '../../lib/ndarray';
import { classified, digitImages, IMAGE_COUNT } from './examples';

describe('encodePng', () => {
  it('writes size, colour type and pixels', () => {
    const png = encodePng({ width: 2, height: 1, channels: 3, pixels: Uint8Array.of(1, 2, 3, 4, 5, 6) });
    assert.equal(png.subarray(0, 8).toString('latin1'), '\x89PNG\r\n\x1a\n');
    assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20), png[24], png[25]], [2, 1, 8, 2]);
    const start = png.indexOf('IDAT') + 4;
    const data = png.subarray(start, start + png.readUInt32BE(start - 8));
    assert.deepEqual([...inflateSync(data)], [0, 1, 2, 3, 4, 5, 6]);
  });

  it('ends with the known checksum of the last chunk', () => {
    const png = encodePng({ width: 1, height: 1, channels: 1, pixels: Uint8Array.of(0) });
    assert.equal(png.subarray(-12).toString('hex'), '0000000049454e44ae426082');
  });
});

describe('enlarge', () => {
  it('repeats each pixel both ways', () => {
    const { width, height, pixels } = enlarge(
      { width: 2, height: 1, channels: 1, pixels: Uint8Array.of(7, 9) },
      2,
    );
    assert.deepEqual([width, height, [...pixels]], [4, 2, [7, 7, 9, 9, 7, 7, 9, 9]]);
  });
});

describe('imagesFigure', () => {
  const images = ndarray(new Float32Array(3 * 4), [3, 2, 2, 1]);
  const predictions = {
    labels: [0, 1, 1],
    probabilities: [0.9, 0.1, 0.8, 0.2, 0.4, 0.6],
    epistemic: [0.1, 0.02, 0.3],
  };

  it('shows wrong predictions, the most confident first', () => {
    const { layout, description } = imagesFigure(images, predictions, { select: 'misclassified' });
    assert.deepEqual(
      layout.annotations?.map(({ text }) => text),
      ['1 → 0\n80 %\n0.02 nats'],
    );
    assert.equal(layout.images?.length, 1);
    assert.match(description, /^The 1 most confident of 1 wrong predictions out of 3/);
  });

  it('shows the most uncertain, with names of classes', () => {
    const options = { select: 'uncertain', limit: 2, classes: ['cat', 'dog'] } as const;
    const { layout, description } = imagesFigure(images, predictions, options);
    assert.deepEqual(
      layout.annotations?.map(({ text }) => text),
      ['dog → dog\n60 %\n0.3 nats', 'cat → cat\n90 %\n0.1 nats'],
    );
    assert.match(description, /2 of them are right\.$/);
  });

  it('gives long names a line each', () => {
    const options = { select: 'misclassified', classes: ['automobile', 'truck'] } as const;
    const { layout } = imagesFigure(images, predictions, options);
    assert.equal(layout.annotations?.[0]?.text, 'truck\n→ automobile\n80 %\n0.02 nats');
  });

  it('says so when nothing is wrong', () => {
    const figure = imagesFigure(images, { ...predictions, labels: [0, 0, 1] }, { select: 'misclassified' });
    assert.equal(figure.description, 'None of 3 predictions is wrong.');
    assert.deepEqual(figure.data, []);
    assert.equal(figure.layout.annotations?.[0]?.text, 'None of 3 predictions is wrong.');
  });

  it('stays small and within its limit', () => {
    const figure = imagesFigure(digitImages(IMAGE_COUNT), classified(), { select: 'uncertain' });
    assert.equal(figure.layout.images?.length, 12);
    assert.ok(JSON.stringify(figure).length < 15_000);
  });

  it('draws bytes and colours', () => {
    const colours = ndarray(new Uint8Array(3 * 12).fill(255), [3, 2, 2, 3]);
    const { layout } = imagesFigure(colours, predictions, { select: 'uncertain' });
    assert.match(layout.images?.[0]?.source ?? '', /^data:image\/png;base64,/);
  });

  it('refuses arrays that do not go together', () => {
    const select = 'uncertain';
    assert.throws(
      () => imagesFigure(ndarray(new Float32Array(24), [3, 2, 2, 2]), predictions, { select }),
      /\[N, H, W, 3\], got \[3, 2, 2, 2\]/,
    );
    assert.throws(
      () => imagesFigure(images, { ...predictions, labels: [0] }, { select }),
      /labels has 1 values, but epistemic has 3/,
    );
    assert.throws(
      () => imagesFigure(images, { ...predictions, probabilities: [1, 0] }, { select }),
      /2 probabilities do not go together/,
    );
  });
});
