import assert from 'node:assert/strict';
import { fit } from '../../lib/fit';
import { rank1 } from '../../lib/inference/rank1';
import { dense, lstm } from '../../lib/layers';
import { sequential } from '../../lib/layers/sequential';
import { accuracy } from '../../lib/metrics';
import { ndarray } from '../../lib/ndarray';
import { adam } from '../../lib/optimizers';
import { clouds, fitClouds } from '../problems';
import { refuses } from '../refuses';
import { assertSameOnMeshes } from '../variables';

describe('inference: rank-1 factors', () => {
  const settings = { method: rank1({ components: 3, samples: 6 }), optimizer: adam(1e-2), epochs: 40 };

  it('learns values of the kernels and a distribution of their factors', async () => {
    const run = fitClouds(settings);
    const posterior = await run.done;
    const shapes = [...posterior.variables].map(([name, { shape }]) => `${name} [${shape.join()}]`);
    assert.deepEqual(shapes, [
      '0.dense.kernel [2,4]',
      '0.dense.kernel.inputFactor.mean [3,2]',
      '0.dense.kernel.inputFactor.logStd [3,2]',
      '0.dense.kernel.outputFactor.mean [3,4]',
      '0.dense.kernel.outputFactor.logStd [3,4]',
      '0.dense.bias [4]',
      '1.dense.kernel [4,2]',
      '1.dense.kernel.inputFactor.mean [3,4]',
      '1.dense.kernel.inputFactor.logStd [3,4]',
      '1.dense.kernel.outputFactor.mean [3,2]',
      '1.dense.kernel.outputFactor.logStd [3,2]',
    ]);
    const { x, y } = clouds.train;
    const { mean, epistemic } = posterior.predict(x, { samples: 30 });
    assert.ok(accuracy(mean, y) > 0.9);
    assert.ok(epistemic.some((value) => value > 0));
    assert.ok(run.history.kl.every((kl) => kl > 0));
  });

  it('learns the same on any mesh', () =>
    assertSameOnMeshes(
      (given) => fitClouds({ ...settings, ...given }).done,
      [[2, 1], [2, 2]], // prettier-ignore
      1e-5,
    ));

  it('predicts with the components in turn: draws of one component have its signs', async () => {
    // factors that hardly vary: each draw is one of three functions
    const method = rank1({ components: 3, initialStd: 1e-6, priorStd: 1 });
    const posterior = await fitClouds({ ...settings, method, epochs: 1 }).done;
    const { samples } = posterior.predict(clouds.train.x, { samples: 6 });
    const draw = (s: number): Float32Array => samples.slice(120 * s, 120 * (s + 1));
    const apart = (a: number, b: number): number =>
      draw(a).reduce((most, value, i) => Math.max(most, Math.abs(value - draw(b)[i]!)), 0);
    assert.ok(apart(0, 3) < 1e-3 && apart(2, 5) < 1e-3, 'the same component');
    assert.ok(apart(0, 1) > 0.01 && apart(1, 2) > 0.01, 'other components');
  });

  it('scales the kernels of layers that take them as values, too', async () => {
    const model = sequential([lstm({ units: 3 }), dense({ units: 2 })]);
    const x = ndarray(clouds.train.x, [60, 2, 1]);
    const { likelihood, train } = clouds;
    const run = fit(
      model,
      { x, y: train.y },
      { ...settings, likelihood, batchSize: 20, devices: 1, epochs: 60 },
    );
    const posterior = await run.done;
    assert.ok([...posterior.variables.keys()].some((name) => /0[.]lstm.*inputFactor[.]mean/.test(name)));
    assert.ok(accuracy(posterior.predict(x).mean, train.y) > 0.9);
  });

  it('refuses options that make no sense', () => {
    refuses(() => rank1({ components: 0 }), 'E_OPTION', /rank1: option 'components'/);
    refuses(() => rank1({ priorStd: 0 }), 'E_OPTION', /rank1: option 'priorStd'/);
  });
});
