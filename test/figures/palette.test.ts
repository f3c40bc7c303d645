import assert from 'node:assert/strict';
import { palette, translucent } from '../../lib/figures/palette';

type Rgb = readonly [number, number, number];

const channels = (hex: string): Rgb => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255) as never;
const linear = (value: number): number =>
  value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;

/** Relative luminance and contrast as WCAG 2 defines them. */
function luminance(hex: string): number {
  const [r, g, b] = channels(hex).map(linear) as never as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/** How dichromats see linear RGB (Machado, Oliveira and Fernandes 2009, severity 1). */
const visions = {
  usual: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
} satisfies Record<string, number[][]>;

/** CIELAB of linear RGB (D65). */
function lab([r, g, b]: Rgb): Rgb {
  const f = (t: number): number => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047);
  const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

const seen = (hex: string, matrix: number[][]): Rgb => {
  const rgb = channels(hex).map(linear);
  return lab(matrix.map((row) => row.reduce((sum, weight, i) => sum + weight * rgb[i]!, 0)) as never);
};

describe('palette', () => {
  it('is readable on light and dark pages', () => {
    for (const [name, hex] of Object.entries(palette)) {
      for (const page of ['#ffffff', '#111111']) {
        const ratio = contrast(hex, page);
        assert.ok(ratio >= 3, `${name} has a contrast of ${ratio.toFixed(2)} against ${page}`);
      }
    }
  });

  for (const [vision, matrix] of Object.entries(visions)) {
    it(`keeps the colours that share a figure apart (${vision})`, () => {
      const together: [keyof typeof palette, keyof typeof palette][] = [
        ['blue', 'orange'],
        ['blue', 'green'],
        ['blue', 'grey'],
        ['blue', 'red'],
        ['orange', 'purple'],
        ['blue', 'purple'],
        ['orange', 'green'],
      ];
      for (const [a, b] of together) {
        const [one, other] = [seen(palette[a], matrix), seen(palette[b], matrix)];
        const distance = Math.hypot(...one.map((value, i) => value - other[i]!));
        // A difference of 2.3 is just noticeable.
        assert.ok(distance > 15, `${a} and ${b} differ by ${distance.toFixed(1)}`);
      }
    });
  }

  it('makes colours translucent', () => {
    assert.equal(translucent('#0080ff', 0.5), 'rgba(0, 128, 255, 0.5)');
  });
});
