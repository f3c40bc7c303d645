import assert from 'node:assert/strict';
import { augmenter, jitter, randomCrop, randomFlip, scale } from '../../lib/augmentations';
import { ndarray, sizeOf } from '../../lib/ndarray';
import { callOn, distance } from '../backends';
import { refuses } from '../refuses';
import { augmentations } from './all';
import { augment, counted } from './augment';

describe('augmentations', () => {
  for (const { title, list, shape } of augmentations) {
    it(`${title}: the same for a batch in parts, another for each group and step`, () => {
      const x = counted([20, ...shape]);
      const whole = augment(list, x);
      const size = sizeOf(shape);
      const part = (from: number, to: number) =>
        augment(list, ndarray(x.subarray(from * size, to * size), [to - from, ...shape]), { first: from });
      assert.deepEqual([...part(0, 7), ...part(7, 20)], [...whole]);
      assert.deepEqual(augment(list, x), whole);
      for (const other of [{ group: 1 }, { step: 1 }, { first: 20 }]) {
        assert.notDeepEqual(augment(list, x, other), whole, JSON.stringify(other));
      }
    });
  }

  it('are the same on every backend, compiled or not', async () => {
    type Results = Record<string, number[]>;
    const file = 'augmentations/backendCases';
    const truth = await callOn<Results>('tensorflow', file, 'evaluate');
    assert.equal(Object.keys(truth).length, augmentations.length);
    for (const backend of ['wasm', 'cpu'] as const) {
      const results = await callOn<Results>(backend, file, 'evaluate');
      for (const [title, values] of Object.entries(truth)) {
        // pixels are moved, not computed
        const exact = /crop|flip/i.test(title);
        const far = distance(values, results[title]!);
        assert.ok(far <= (exact ? 0 : 1e-6), `${title} on ${backend}: ${far}`);
      }
    }
  });

  it('in a row are one after the other, each with numbers of its own', () => {
    const [first, second] = [scale({ std: 0.3 }), randomFlip()];
    const both = augmenter([jitter({ std: 1 }), first], [9]);
    assert.equal(both.uniforms, 4);
    assert.equal(augmenter([randomCrop({ padding: 1 }), second], [4, 4, 1]).uniforms, 3);
    // twice the same noise would have twice the deviation; two of its own have sqrt(2) times
    const zeros = ndarray(new Float32Array(200 * 50), [200, 50]);
    const sum = augment([jitter({ std: 1 }), jitter({ std: 1 })], zeros);
    const variance = sum.reduce((total, value) => total + value ** 2, 0) / sum.length;
    assert.ok(Math.abs(variance - 2) < 5 * 2 * Math.sqrt(2 / sum.length), `variance ${variance}`); // 5 standard errors
  });

  it('may be none', () => {
    const { uniforms, apply } = augmenter([], [3]);
    assert.equal(uniforms, 0);
    assert.equal(typeof apply, 'function');
  });

  it('refuses what is no augmentation, and no list', () => {
    refuses(
      () => augmenter([randomFlip] as never, [4, 4, 1]),
      'E_OPTION',
      /must be an augmentation, such as/,
    );
    refuses(() => augmenter(randomFlip() as never, [4, 4, 1]), 'E_OPTION', /must be a list of augmentations/);
  });
});
