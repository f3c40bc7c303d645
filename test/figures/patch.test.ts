import assert from 'node:assert/strict';
import type { Patch } from '../../lib/figures/wire/jsonPatch';
import { lossFigure, type LossHistory } from '../../lib/figures/loss';
import { applyPatch, diffView } from '../../lib/figures/wire/patch';
import { parseNews, parseView, type Figure, type View } from '../../lib/figures/wire/messages';
import { allFigures, lossHistory, progress, uniforms } from './examples';

/** What arrives at the other end: JSON. */
const sent = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
const size = (value: unknown): number => JSON.stringify(value).length;

const run = (figures: readonly Figure[]): View => ({
  version: 1,
  kind: 'run',
  progress,
  figures: [...figures],
});

/** The losses of the first steps. */
function until(history: LossHistory, steps: number): LossHistory {
  const cut = (values: ArrayLike<number>): number[] => Array.from(values).slice(0, steps);
  return { steps: cut(history.steps), loss: cut(history.loss), nll: cut(history.nll), kl: cut(history.kl) };
}

/** Makes random views that are more or less like each other. */
function randomViews(seed: number): () => View {
  const uniform = uniforms(seed);
  const chance = (share: number): boolean => uniform() < share;
  const whole = (below: number): number => Math.floor(uniform() * below);
  const long = lossHistory(2000);
  const points = (): (number | string | null)[] =>
    Array.from({ length: whole(9) }, () => (chance(0.1) ? null : chance(0.1) ? `c${whole(3)}` : whole(4)));
  const random = (): Figure => ({
    title: `figure ${whole(3)}`,
    description: `${whole(2)}`,
    data: Array.from({ length: whole(4) }, () =>
      chance(0.6)
        ? {
            type: 'scatter' as const,
            mode: 'lines' as const,
            x: points(),
            y: points(),
            ...(chance(0.5) && { name: `n${whole(3)}` }),
            ...(chance(0.5) && { line: { width: whole(3) } }),
          }
        : { type: 'bar' as const, x: points(), y: points(), ...(chance(0.5) && { hovertext: ['a', 'b'] }) },
    ),
    layout: chance(0.5) ? { height: whole(3) } : { xaxis: { type: chance(0.5) ? 'log' : 'linear' } },
  });
  return () => {
    const figures = Array.from({ length: whole(4) }, () =>
      chance(0.4) ? lossFigure(until(long, whole(2000))) : random(),
    );
    if (chance(0.2)) return sent({ version: 1, kind: 'figure', figures });
    const metrics: Record<string, number | null> = Object.fromEntries(
      ['loss', 'ece', 'accuracy'].filter(() => chance(0.5)).map((name) => [name, whole(3)]),
    );
    return sent({
      version: 1,
      kind: 'run',
      progress: { ...progress, step: whole(5), message: chance(0.5) ? null : 'm', metrics },
      figures,
    });
  };
}

describe('diffView and applyPatch', () => {
  it('make the later state of the earlier one, for any two views', () => {
    const view = randomViews(1);
    let before = view();
    for (let i = 0; i < 500; i++) {
      const after = view();
      const patch = diffView(before, after);
      if (!patch) assert.deepEqual(after, before);
      else {
        const message = { type: 'change', run: 'r', sequence: 1, patch: sent(patch) };
        assert.deepEqual(parseNews(message), { ok: true, value: message });
        assert.deepEqual(applyPatch(before, sent(patch)), parseView(sent(after)));
      }
      before = after;
    }
  });

  it('say nothing of what is the same, and leave the earlier state as it was', () => {
    const view = run(allFigures());
    assert.equal(diffView(view, sent(view)), undefined);
    assert.equal(diffView(sent({ ...view, note: undefined }), view), undefined);
    const frozen = sent(view);
    const patch = diffView(view, run(allFigures().slice(1)))!;
    applyPatch(view, patch);
    assert.deepEqual(view, frozen);
  });

  it('send the new end of a growing loss curve only', () => {
    const history = lossHistory(10_000);
    let before = run([lossFigure(until(history, 5000))]);
    const patches: number[] = [];
    for (let steps = 5020; steps <= 10_000; steps += 20) {
      const after = run([lossFigure(until(history, steps))]);
      patches.push(size(diffView(before, after)));
      before = after;
    }
    patches.sort((a, b) => a - b);
    const [median, largest] = [patches[Math.floor(patches.length / 2)]!, patches.at(-1)!];
    assert.ok(median < 1000, `${median} bytes in the median, of ${size(before)}`);
    assert.ok(largest <= size(before), 'when the buckets grow it is sent anew');
    assert.ok(patches.filter((bytes) => bytes > 5000).length <= 2, 'which is seldom');
  });

  it('refuse a patch that is for another view', () => {
    const view = run(allFigures().slice(0, 1));
    const others: Patch[] = [
      { in: { figures: { keep: 2 } } },
      { in: { figures: { keep: 1, in: { 5: { is: 1 } } } } },
      { in: { figures: { keep: 1, in: { length: { is: 7 } } } } },
      { in: { progress: { keep: 0 } } },
      { keep: 0 },
      { in: { version: { in: {} } } },
      { in: { progress: { in: { state: { is: 'asleep' } } } } },
      { is: null },
    ];
    for (const patch of others) {
      assert.equal(applyPatch(view, patch).ok, false, JSON.stringify(patch));
    }
    assert.ok(!parseNews({ type: 'change', run: 'r', sequence: 1, patch: { keep: -1 } }).ok);
    assert.ok(!parseNews({ type: 'change', run: 'r', sequence: 1, patch: { in: { a: 3 } } }).ok);
  });

  it('let no name reach a prototype', () => {
    const patch = sent(JSON.parse('{"in":{"__proto__":{"in":{"polluted":{"is":1}}}}}') as { is: unknown });
    applyPatch(run([]), patch);
    assert.ok(!('polluted' in {}));
  });
});
