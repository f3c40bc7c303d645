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
    assert.ok(kept.length <= 500 && kept.length > 240, `${kept.length} points`);
    for (const index of [0, 1234, 8765, 9999]) assert.ok(kept.includes(index), `index ${index} is lost`);
    assert.deepEqual(
      kept,
      [...new Set(kept)].sort((a, b) => a - b),
    );
  });

  it('keeps the lowest and the highest of every bucket', () => {
    const values = Array.from({ length: 320 }, (_, i) => Math.sin(i));
    const kept = new Set(downsample(values, 42)); // 20 buckets of 16
    for (let bucket = 0; bucket < 20; bucket++) {
      const inside = Array.from({ length: 16 }, (_, i) => bucket * 16 + i);
      const ranked = inside.sort((a, b) => values[a]! - values[b]!);
      assert.ok(kept.has(ranked[0]!) && kept.has(ranked.at(-1)!), `bucket ${bucket}`);
    }
  });

  it('stays within the limit for every length and limit', () => {
    for (let limit = 4; limit < 40; limit++) {
      for (let length = 0; length < 300; length += 7) {
        const kept = downsample(
          Array.from({ length }, (_, i) => Math.sin(i)),
          limit,
        );
        assert.ok(kept.length <= limit, `${kept.length} of ${length}, limit ${limit}`);
      }
    }
  });

  it('picks the same beginning while the series grows, but for when it has doubled', () => {
    const uniform = uniforms(3);
    const values: number[] = [];
    let before: number[] = [];
    let anew = 0;
    for (let step = 0; step < 4000; step++) {
      values.push(uniform());
      const kept = downsample(values, 100);
      // of the last bucket its two extremes, and the last point of all
      const same = before.slice(0, -3).every((index, i) => kept[i] === index);
      if (!same) anew++;
      before = kept;
    }
    assert.ok(anew <= Math.ceil(Math.log2(4000 / 50)), `${anew} times anew`);
  });

  it('passes over what is not finite, but keeps a gap that fills a bucket', () => {
    const values = Array.from({ length: 1000 }, (_, i) => (i >= 400 && i < 600 ? NaN : i));
    values[100] = Infinity;
    const kept = downsample(values, 50);
    assert.ok(!kept.includes(100));
    assert.ok(kept.some((i) => Number.isNaN(values[i]!)));
  });
});
