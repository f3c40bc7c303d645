import assert from 'node:assert/strict';
import { parseNews, parseRequest, parseView, type View } from '../../lib/figures/wire/messages';
import { allFigures, progress } from './examples';

const run: View = { version: 1, kind: 'run', progress, figures: allFigures() };

/** What arrives at the other end: JSON. */
const sent = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** Reads a view that must be refused. */
function reason(payload: unknown): string {
  const parsed = parseView(payload);
  assert.ok(!parsed.ok);
  return parsed.reason;
}

describe('parseView', () => {
  it('reads runs and figures as they were sent', () => {
    assert.deepEqual(parseView(sent(run)), { ok: true, value: sent(run) });
    const figure = { version: 1, kind: 'figure', figures: [] };
    assert.deepEqual(parseView(figure), { ok: true, value: figure });
  });

  it('names another version and what to do', () => {
    assert.match(
      reason({ ...run, version: 2 }),
      /has version 2, .* reads version 1: install matching versions/,
    );
    assert.ok(reason({ version: 'x'.repeat(10_000) }).length < 300);
  });

  it('says where a payload is wrong', () => {
    for (const [payload, expected] of [
      [null, /Expected Object/],
      [[], /kind/],
      [{ version: 1, kind: 'other' }, /^kind: /],
      [{ ...run, progress: { ...progress, state: 'sleeping' } }, /^progress\.state: /],
      [{ ...run, figures: [{ title: 1 }] }, /^figures\.0\.title: /],
      [
        { version: 1, kind: 'figure', figures: [{ ...run.figures[0], data: [{ type: 'pie' }] }] },
        /^figures\.0\.data\.0\.type: /,
      ],
    ] as const) {
      assert.match(reason(sent(payload)), expected);
    }
  });

  it('reads metrics that were not finite', () => {
    const parsed = parseView(sent({ ...run, progress: { ...progress, metrics: { loss: NaN, nll: 1 } } }));
    assert.ok(parsed.ok && parsed.value.kind === 'run');
    assert.deepEqual(parsed.value.progress.metrics, { loss: null, nll: 1 });
  });

  it('drops what it does not know', () => {
    const figure = {
      title: 't',
      description: 'd',
      onclick: 'alert(1)',
      data: [{ type: 'bar', x: [], y: [], customdata: ['<b>'] }],
      layout: { updatemenus: [{}], template: {}, xaxis: { rangeslider: {} } },
    };
    const parsed = parseView({ version: 1, kind: 'figure', figures: [figure] });
    assert.ok(parsed.ok);
    assert.deepEqual(parsed.value.figures, [
      { title: 't', description: 'd', data: [{ type: 'bar', x: [], y: [] }], layout: { xaxis: {} } },
    ]);
  });

  it('refuses pictures that are not PNG data', () => {
    const image = { ...allFigures()[3]!.layout.images![0]! };
    for (const source of ['javascript:alert(1)', 'https://example.org/a.png', 'data:image/svg+xml,<svg/>']) {
      const layout = { images: [{ ...image, source }] };
      const figure = { title: '', description: '', data: [], layout };
      assert.match(
        reason({ version: 1, kind: 'figure', figures: [figure] }),
        /images\.0\.source: must be a PNG/,
      );
    }
  });
});

describe('parseRequest and parseNews', () => {
  const view = { version: 2 };

  it('read what both sides send', () => {
    for (const request of [
      { type: 'control', run: 'a', action: 'finish' },
      { type: 'follow', run: 'a', have: null },
      { type: 'follow', run: 'a', have: 3 },
      { type: 'leave', run: 'a' },
    ]) {
      assert.deepEqual(parseRequest(request), { ok: true, value: request });
    }
    for (const news of [
      { type: 'reply', run: 'a', ok: false, message: 'no such run' },
      { type: 'snapshot', run: 'a', sequence: 1, view },
      { type: 'change', run: 'a', sequence: 2, patch: { in: { progress: { in: { step: { is: 3 } } } } } },
      { type: 'gone', run: 'a', state: 'interrupted', message: 'kept' },
    ]) {
      assert.deepEqual(parseNews(news), { ok: true, value: news });
    }
  });

  it('refuse anything else', () => {
    assert.ok(!parseRequest({ type: 'control', run: 'a', action: 'explode' }).ok);
    assert.ok(!parseRequest(undefined).ok);
    assert.ok(!parseNews({ type: 'reply' }).ok);
    assert.ok(!parseNews({ type: 'snapshot', run: 'a', sequence: 'x', view }).ok);
  });
});
