import assert from 'node:assert/strict';
import { normalCdf, normalQuantile } from '../../lib/metrics';

describe('metrics: the normal distribution', () => {
  it('has the values of scipy.stats.norm.cdf, relative error below 1e-12 also in the tail', () => {
    const known = [
      [-37, 5.7255712225239266e-300],
      [-10, 7.61985302416047e-24],
      [-6, 9.865876450376946e-10],
      [-3.0000001, 0.0013498975884453205],
      [-3, 0.0013498980316300933],
      [-1, 0.15865525393145707],
      [0, 0.5],
      [0.5, 0.6914624612740131],
      [2.5, 0.9937903346742238],
      [9, 1],
      [-Infinity, 0],
      [Infinity, 1],
    ] as const;
    for (const [z, want] of known) {
      const got = normalCdf(z);
      assert.ok(Math.abs(got - want) <= 1e-12 * want, `Phi(${z}) = ${got}, want ${want}`);
    }
  });

  it('inverts its distribution function', () => {
    for (const p of [1e-300, 1e-20, 1e-6, 0.01, 0.3, 0.4999, 0.5, 0.50001, 0.8, 0.999]) {
      const back = normalCdf(normalQuantile(p));
      assert.ok(Math.abs(back - p) <= 1e-12 * p, `${p} comes back as ${back}`);
    }
    assert.equal(normalQuantile(0), -Infinity);
    assert.equal(normalQuantile(1), Infinity);
    assert.ok(Number.isNaN(normalQuantile(-0.1)) && Number.isNaN(normalQuantile(1.1)));
  });
});
