import assert from 'node:assert/strict';
import { likelihoods } from '../../lib/distributions';
import { fit } from '../../lib/fit';
import { dense } from '../../lib/layers';
import { accuracy, rmse } from '../../lib/metrics';
import { adam } from '../../lib/optimizers';
import { clouds, curves, fitClouds, options } from '../problems';
import { refuses } from '../refuses';

const optimizer = adam(0.02);
const fitted = likelihoods.gaussian({ noise: 'fitted' });

describe('objectives: vi learns with predictive ones', () => {
  for (const objective of ['predictive', 'predictivePerWorker'] as const) {
    it(`${objective}: two clouds, an accuracy above 0.9 and half the loss`, async () => {
      const { method } = options({ objective });
      const run = fitClouds({ method, optimizer, epochs: 100 });
      const posterior = await run.done;
      const { x, y } = clouds.train;
      assert.ok(accuracy(posterior.predict(x).mean, y) > 0.9);
      assert.ok(run.history.nll.at(-1)! < run.history.nll[0]! / 2, run.history.nll.join());
    });
  }

  it('predictive, fitted noise: curves, with all uncertainty in the spread of the draws', async () => {
    const { x, y } = curves.train;
    const settings = { ...options({ objective: 'predictive' }), likelihood: fitted, optimizer, epochs: 200 };
    const run = fit(curves.model, curves.train, settings);
    const { mean, total, epistemic, aleatoric, quantile } = (await run.done).predict(x);
    const spread = Math.sqrt(y.reduce((sum, value) => sum + value ** 2, 0) / y.length);
    assert.ok(rmse(mean, y) < 0.7 * spread, `${rmse(mean, y)} of ${spread}`);
    assert.ok(run.history.nll.at(-1)! < run.history.nll[0]! - 1);
    assert.ok(aleatoric.every((std) => std === 0));
    assert.deepEqual(total, epistemic);
    const [low, high] = [quantile(0.025), quantile(0.975)];
    const covered = y.filter((value, i) => low[i]! < value && value < high[i]!).length / y.length;
    assert.ok(covered > 0.8, `${covered} of the targets lie in the band of 95 %`);
  });
});

describe('objectives: noise that is fitted to the samples', () => {
  const start =
    (given: Parameters<typeof options>[0], model = curves.model) =>
    () =>
      fit(model, curves.train, { ...options(given), likelihood: fitted });

  it('is refused before anything starts: without a predictive objective, or by fewer than two samples', () => {
    refuses(start({}), 'E_OPTION', /one alone has no likelihood: use vi\(\{ objective: 'predictive' \}\)/);
    refuses(start({ objective: 'predictive', samples: 1 }), 'E_OPTION', /at least 2, got 1/);
    const plain = dense({ units: 2, bayesian: false });
    refuses(start({ objective: 'predictive' }, plain), 'E_OPTION', /at least 2, got 1/);
  });
});
