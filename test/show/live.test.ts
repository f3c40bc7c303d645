import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs';
import { parseView, MIME_TYPE, type View } from '../../lib/figures/wire/messages';
import { fit, type FitOptions } from '../../lib/fit';
import { displaySymbol, type Live, liveSymbol, type MimeBundle } from '../../lib/host';
import { nll } from '../../lib/metrics';
import { adam, sgd } from '../../lib/optimizers';
import { clouds, curves, ENDLESS, fitClouds, options } from '../problems';
import { settled, steps, until } from '../wait';

const MIME_TYPES = [MIME_TYPE, 'application/vnd.plotly.v1+json', 'image/svg+xml', 'text/html', 'text/plain'];
/** What two redraws are apart at least, less what a timer may be early. */
const REDRAW_MS = 495;

const start = (given: Partial<FitOptions<'classification'>>) =>
  fitClouds({ optimizer: adam(1e-2), ...given });

/** The view in a bundle, as it arrives at the front end. */
function viewOf(bundle: MimeBundle): View & { kind: 'run' } {
  const parsed = parseView(JSON.parse(JSON.stringify(bundle[MIME_TYPE])));
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.reason);
  assert.ok(parsed.value.kind === 'run');
  return parsed.value;
}
const shown = async (live: Live): Promise<MimeBundle> => live[displaySymbol]();
const titles = ({ figures }: View): string[] => figures.map(({ title }) => title);
/** What is shown first, without the details behind it. */
const ahead = ({ figures }: View) => figures.filter(({ detail }) => !detail);

describe('show: the view of a run', () => {
  it('of a classification has all four MIME types, the losses and the calibration', async () => {
    const run = start({ epochs: 100, validation: clouds.train });
    await run.done;
    const bundle = await shown(run);
    assert.deepEqual(Object.keys(bundle).sort(), MIME_TYPES);
    const view = viewOf(bundle);
    assert.equal(ahead(view).length, 2);
    assert.match(titles(view)[1]!, /Calibration on validation data/);
    const { state, step, steps, epoch, epochs, eta, workers, samples, message, metrics } = view.progress;
    assert.deepEqual(
      { state, step, steps, epoch, epochs, eta, workers, samples, message },
      {
        state: 'done',
        step: 300,
        steps: 300,
        epoch: 100,
        epochs: 100,
        eta: null,
        workers: 1,
        samples: 6,
        message: null,
      },
    );
    assert.ok(metrics['accuracy']! > 0.9 && metrics['ece']! >= 0 && metrics['loss']! > 0);
    assert.match(bundle['text/plain'] as string, /300/);
    assert.match(bundle['image/svg+xml'] as string, /^<svg/);
  });

  it('of a regression has a band, over its only input or else over the rows', async () => {
    const line = {
      x: [0, 1, 2, 3],
      y: [
        [0, 0],
        [1, 1],
        [4, 2],
        [9, 3],
      ],
    };
    const settings = { ...options(), likelihood: curves.likelihood, epochs: 3 };
    for (const [data, title] of [
      [line, /./],
      [curves.train, /Prediction of training data/],
    ] as const) {
      const run = fit(curves.model, data, settings);
      await run.done;
      const bundle = await shown(run);
      assert.deepEqual(Object.keys(bundle).sort(), MIME_TYPES);
      const view = viewOf(bundle);
      assert.equal(ahead(view).length, 2);
      assert.match(titles(view)[1]!, title);
      assert.ok(view.progress.metrics['rmse']! > 0);
    }
  });

  it('is there before the first step', async () => {
    const run = start({ epochs: ENDLESS });
    const view = viewOf(await shown(run));
    assert.deepEqual([view.progress.state, view.progress.step, view.figures], ['starting', 0, []]);
    assert.match(view.progress.message!, /compiling/);
    run.stop();
    await run.done;
  });

  it('shows why a run has failed', async () => {
    const run = start({ optimizer: sgd(1e12) });
    const redraws: MimeBundle[] = [];
    run[liveSymbol]((bundle) => redraws.push(bundle));
    await assert.rejects(run.done, { code: 'E_DIVERGED' });
    for (const bundle of [redraws.at(-1)!, await shown(run)]) {
      const { state, message } = viewOf(bundle).progress;
      assert.equal(state, 'failed');
      assert.match(message!, /training diverged/);
    }
  });

  it('says so where the predictions are no numbers, and the run goes on', async () => {
    const likelihood = { ...clouds.likelihood, predict: (outputs: tf.Tensor) => [tf.mul(outputs, NaN)] };
    const run = start({ likelihood, epochs: 3 });
    run[liveSymbol](() => undefined);
    await run.done;
    const view = viewOf(await shown(run));
    const { progress } = view;
    assert.deepEqual([progress.state, ahead(view).length], ['done', 1]);
    assert.match(progress.message!, /predictions cannot be shown: .*NaN/);
  });
});

describe('show: the live view', () => {
  it('redraws at most twice a second while the run goes on, once at its end, and not afterwards', async () => {
    const run = start({ epochs: ENDLESS });
    const redraws: { at: number; view: View & { kind: 'run' } }[] = [];
    run[liveSymbol]((bundle) => redraws.push({ at: performance.now(), view: viewOf(bundle) }));
    await steps(run, 1);
    await until(() => redraws.slice(2).some(({ view }) => ahead(view).length === 2));
    run.stop();
    await run.done;
    const count = redraws.length;
    const last = redraws.at(-1)!.view;
    assert.deepEqual([last.progress.state, last.progress.step], ['stopped', run.step]);
    assert.equal(ahead(last).length, 2);
    redraws.slice(1, -1).forEach(({ at }, i) => assert.ok(at - redraws[i]!.at > REDRAW_MS));
    const shownSteps = redraws.map(({ view }) => view.progress.step);
    assert.deepEqual(
      shownSteps,
      shownSteps.toSorted((a, b) => a - b),
    );
    await sleep(600);
    assert.equal(redraws.length, count);
  });

  it('shows in a pause what is learned until then', async () => {
    const run = start({ epochs: ENDLESS, validation: clouds.train });
    let last: MimeBundle | undefined;
    run[liveSymbol]((bundle) => (last = bundle));
    await steps(run, 100);
    run.pause();
    await settled(() => run.step);
    const { mean } = (await run.snapshot()).predict(clouds.train.x, { samples: 16 });
    const want = nll(mean, clouds.train.y);
    await until(() => last !== undefined && viewOf(last).progress.metrics['held-out nll'] === want);
    run.stop();
    await run.done;
  });

  it('ends when it is told to', async () => {
    const run = start({ epochs: ENDLESS });
    let redraws = 0;
    const close = run[liveSymbol](() => redraws++);
    await sleep(250);
    close();
    const before = redraws;
    await sleep(450);
    run.stop();
    await run.done;
    assert.equal(redraws, before);
  });

  it('does not hold up a run, whatever drawing does', async () => {
    const run = start({ epochs: ENDLESS });
    const failures: unknown[] = [];
    const listen = (error: unknown): void => void failures.push(error);
    const others = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection').once('unhandledRejection', listen);
    run[liveSymbol](() => {
      if (!run.active) throw new RangeError('cannot draw');
    });
    run.stop();
    await run.done;
    await until(() => failures.length > 0); // the last picture is drawn when the run has ended
    process.removeAllListeners('unhandledRejection');
    others.forEach((other) => process.on('unhandledRejection', other));
    assert.deepEqual(failures.map(String), ['RangeError: cannot draw']);
  });
});
