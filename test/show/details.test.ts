import assert from 'node:assert/strict';
import {
  adam,
  data,
  fit,
  layers,
  likelihoods,
  map,
  type Method,
  nuts,
  type Optimizer,
  sequential,
  sgd,
  sgld,
  swag,
  vi,
} from '../../lib';
import { MIME_TYPE, type View } from '../../lib/figures/wire/messages';
import { displaySymbol } from '../../lib/host';
import { assertClose } from '../golden';

const wave = data.wave({ points: 60 }).train;
const likelihood = likelihoods.gaussian({ noise: 0.5 });
const model = sequential([layers.dense({ units: 8, activation: 'tanh' }), layers.dense({ units: 1 })]);
const common = { likelihood, devices: 1, seed: 1 };
const steps = { batchSize: 20, epochs: 8 };

async function shown(method: Method, given: { optimizer?: Optimizer; epochs?: number; batchSize?: number }) {
  const run = fit(model, wave, { ...common, method, ...given });
  const posterior = await run.done;
  const bundle = await run[displaySymbol]();
  const view = bundle[MIME_TYPE] as View & { kind: 'run' };
  const details = view.figures.filter(({ detail }) => detail);
  return {
    posterior,
    bundle,
    details,
    titles: details.map(({ title }) => title),
    metrics: view.progress.metrics,
  };
}

const median = (values: readonly number[]): string =>
  String(Number(values.toSorted((a, b) => a - b)[values.length >> 1]!.toPrecision(3)));

describe('show: the details of a run', function () {
  this.timeout(120_000);

  it('are standard deviations and gradients by layer, and the learning rate', async () => {
    const { posterior, details, titles, metrics, bundle } = await shown(vi(), {
      optimizer: adam(1e-2),
      ...steps,
    });
    assert.deepEqual(titles, ['Standard deviations of weights', 'Gradients, running mean']);
    for (const { data } of details) {
      assert.deepEqual(
        data.map(({ name }) => name),
        ['0.dense', '1.dense'],
      );
    }
    const stds = ['kernel', 'bias'].flatMap((name) =>
      [...posterior.variables.get(`0.dense.${name}.logStd`)!].map(Math.exp),
    );
    assert.ok(
      details[0]!.description.includes(`0.dense: 16 weights, median ${median(stds)};`),
      details[0]!.description,
    );
    assert.equal(metrics['learning rate'], 1e-2);
    assert.match(bundle['text/plain'] as string, /\nGradients, running mean: /);
    assert.doesNotMatch(
      bundle['image/svg+xml'] as string,
      /running mean/,
      'the picture is of what is shown first',
    );
  });

  it('show the gradients that other optimisers follow', async () => {
    for (const method of [map(), vi()]) {
      const after = async (optimizer: Optimizer) => {
        const run = fit(model, wave, { ...common, method, optimizer, batchSize: 60, epochs: 1 });
        return { run, posterior: await run.done };
      };
      const [one, two, { run }] = await Promise.all([after(sgd(1)), after(sgd(2)), after(adam(1e-2))]);
      // w1 = w0 - g, w2 = w0 - 2 g
      const expected = (layer: string): number[] =>
        [...one.posterior.variables]
          .filter(([name]) => name.startsWith(layer) && !name.endsWith('.logStd'))
          .flatMap(([name, values]) =>
            Array.from(values, (w, i) => w - two.posterior.variables.get(name)![i]!),
          );
      assert.deepEqual(
        run.gradients.map(({ name, size }) => [name, size]),
        [
          ['0.dense', 16],
          ['1.dense', 9],
        ],
      );
      for (const { name, values } of run.gradients) assertClose(values, expected(name), 1e-4);
      assert.deepEqual(one.run.gradients, []);
    }
  });

  it('are those that the method and the optimiser know of', async () => {
    const adamOnly = await shown(map(), { optimizer: adam(1e-3), epochs: 2 });
    assert.deepEqual(adamOnly.titles, ['Gradients, running mean']);
    assert.deepEqual((await shown(map(), { optimizer: sgd(1e-3), epochs: 2 })).titles, []);
    assert.deepEqual((await shown(swag(), { optimizer: sgd(1e-3), ...steps })).titles, [
      'Standard deviations of weights',
    ]);
    const chains = await shown(nuts({ chains: 1, warmup: 4, draws: 4 }), {});
    assert.deepEqual([chains.titles, chains.metrics['learning rate']], [[], undefined]);
  });

  it('are left out as long as there is nothing to draw', async () => {
    const method = swag({ from: 0.9 });
    const run = fit(model, wave, { ...common, method, optimizer: sgd(1e-3), batchSize: 20, epochs: 20_000 });
    run.onChange(() => run.step > 0 && run.stop());
    await run.done;
    const bundle = await run[displaySymbol](); // weights that are known for certain yet
    assert.ok((bundle[MIME_TYPE] as View).figures.every(({ detail }) => !detail));
  });

  it('draw a learning rate that changes', async () => {
    const method = sgld({ chains: 1, stepSize: 0.01, schedule: { cycles: 2 } });
    const { details, titles, metrics } = await shown(method, steps);
    assert.deepEqual(titles, ['Learning rate']);
    const { x, y } = details[0]!.data[0]!;
    const rates = x.map((step) => 0.005 * (Math.cos((Math.PI * ((Number(step) - 1) % 12)) / 12) + 1));
    assert.deepEqual([x[0], x.at(-1), x.length], [1, 24, 24]);
    assertClose(y.map(Number), rates, 1e-6);
    assert.ok(Math.abs(metrics['learning rate']! - rates.at(-1)!) < 1e-8);
  });
});
