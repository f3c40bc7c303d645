import assert from 'node:assert/strict';
import { downsample } from '../../lib/figures/downsample';
import { uniforms } from './examples';

describe('downsample', () => {
  it('keeps every point of a short series', () => {
    assert.deepEqual(downsample([3, 1, 2], 4), [0, 1, 2]);
    assert.deepEqual(downsample([], 4), []);
  });

  it('keeps the ends and single spikes, in rising order and within the limit', () => {
    const uniform = uniforms(7);
    const values = Float32Array.from({ length: 10_000 }, () => uniform());
    values[1234] = 50;
    values[8765] = -50;
    const kept = downsample(values, 500);
    assert.ok(kept.length <= 500 && kept.length > 400, `${kept.length} points`);
    for (const index of [0, 1234, 8765, 9999]) assert.ok(kept.includes(index), `index ${index} is lost`);
    assert.deepEqual(
      kept,
      [...new Set(kept)].sort((a, b) => a - b),
    );
  });

  it('keeps the lowest and the highest of every bucket', () => {
    const values = Array.from({ length: 402 }, (_, i) => Math.sin(i));
    const kept = new Set(downsample(values, 42));
    for (let bucket = 0; bucket < 20; bucket++) {
      const inside = Array.from({ length: 20 }, (_, i) => 1 + bucket * 20 + i);
      const ranked = inside.sort((a, b) => values[a]! - values[b]!);
      assert.ok(kept.has(ranked[0]!) && kept.has(ranked.at(-1)!), `bucket ${bucket}`);
    }
  });

  it('passes over what is not finite, but keeps a gap that fills a bucket', () => {
    const values = Array.from({ length: 1000 }, (_, i) => (i >= 400 && i < 600 ? NaN : i));
    values[100] = Infinity;
    const kept = downsample(values, 50);
    assert.ok(!kept.includes(100));
    assert.ok(kept.some((i) => Number.isNaN(values[i]!)));
  });
});
