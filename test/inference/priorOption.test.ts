/** Priors that differ between parameters. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { rescaledPrior } from '../../lib/compat/torchBlue';
import { priors } from '../../lib/distributions';
import { posteriors } from '../../lib/distributions/posteriors';
import { nuts } from '../../lib/inference/chains/nuts';
import { ensemble } from '../../lib/inference/ensemble';
import { laplace } from '../../lib/inference/laplace/laplace';
import { sgld } from '../../lib/inference/langevin/sgld';
import { map } from '../../lib/inference/map';
import type { Method } from '../../lib/inference/method';
import type { PriorOption } from '../../lib/inference/priorOption';
import { vi } from '../../lib/inference/vi';
import { assertClose } from '../golden';
import { clouds, fitClouds } from '../problems';
import { keysOf, startVectors, variablesOf, wholeBatch } from '../programs';
import { refuses } from '../refuses';
import { assertSameOnMeshes } from '../variables';

const narrow = priors.normal(0.1, 0.3);
/** Kernels are believed to be narrow, biases are not. */
const byShape: PriorOption = ({ shape }) => (shape.length > 1 ? narrow : priors.laplace(0, 1));

const methods: Record<string, (prior: PriorOption) => Method> = {
  vi: (prior) => vi({ samples: 6, prior, klWeight: 2 }),
  'vi, low rank': (prior) => vi({ samples: 6, prior, posterior: posteriors.lowRank({ rank: 2 }) }),
  map: (prior) => map({ prior }),
  ensemble: (prior) => ensemble({ members: 3, prior }),
  sgld: (prior) => sgld({ chains: 3, prior, keep: 2 }),
  nuts: (prior) => nuts({ chains: 2, warmup: 5, draws: 5, stepSize: 0.05, prior }),
};

describe('inference: a prior for each parameter', () => {
  for (const [name, method] of Object.entries(methods)) {
    it(`${name}: learns as with one prior where the function gives but one, and something else where not`, async () => {
      // it makes steps of its own, by all data
      const steps = name === 'nuts' ? { batchSize: undefined } : { epochs: 20 };
      const learn = (prior: PriorOption) => fitClouds({ ...steps, method: method(prior) });
      const [one, each, other] = [learn(narrow), learn(() => narrow), learn(byShape)];
      const [want, got, differs] = [await one.done, await each.done, await other.done];
      for (const [variable, values] of want.variables) {
        assertClose(got.variables.get(variable)!, Array.from(values), 2e-4, variable);
      }
      assertClose(Array.from(each.history.kl), Array.from(one.history.kl), 1e-4, 'kl');
      const [kernel] = [...want.variables.keys()];
      assert.notDeepEqual(differs.variables.get(kernel!), want.variables.get(kernel!));
    });
  }

  it('vi: its divergence is the sum of those from the prior of each', () => {
    const program = vi({ samples: 2, prior: byShape }).build({
      ...clouds,
      optimizer: { name: 'none', slots: 0, update: (gradient) => ({ update: gradient, slots: [] }) },
      inputShape: [2],
      targetShape: [],
      size: 60,
      steps: 10,
      stepsPerEpoch: 1,
    });
    const vectors = startVectors(program);
    const variables = variablesOf(program, vectors);
    const keys = keysOf(program, { key: [1, 2], step: 0, firstSample: 0, samples: 2 });
    const { x, y } = clouds.train;
    const batch = wholeBatch(tf.tensor(x, [60, 2]), tf.tensor(y, [60], 'int32'), keys);
    const [losses] = program.gradients(
      vectors.map((values) => tf.tensor1d(values)),
      batch,
    );
    const parameters = clouds.model.build([2]).parameters;
    const kls = parameters.map(({ name, shape }) => {
      const [mean, logStd] = ['mean', 'logStd'].map((part) => tf.tensor1d(variables.get(`${name}.${part}`)!));
      const prior = shape.length > 1 ? narrow : priors.laplace(0, 1);
      return tf.sum(prior.kl({ mean: mean!, logStd: logStd! })).dataSync()[0]!;
    });
    const want = kls.reduce((sum, kl) => sum + kl, 0) / 60;
    assertClose([losses!.dataSync()[1]!], [want], 1e-5, 'kl');
  });

  it('is the same on any mesh', async () => {
    await assertSameOnMeshes(
      (given) => fitClouds({ method: methods['vi']!(byShape), epochs: 5, ...given }).done,
      [[2, 1], [1, 2], [2, 2]], // prettier-ignore
      1e-4,
    );
    await assertSameOnMeshes(
      (given) => fitClouds({ method: methods['ensemble']!(byShape), epochs: 5, ...given }).done,
      [[2, 1], [3, 1], [1, 2]], // prettier-ignore
      1e-4,
    );
  });

  it('is told by its name, and refused where it gives something else', () => {
    assert.match(
      vi({ prior: rescaledPrior() }).name,
      /prior by parameter: N\(0, 0\.577\d*²\), N\(0, 0\.0721\d*²\), N\(/,
    );
    const wrong = (({ name }: { name: string }) => (name === '1.dense.kernel' ? 3 : narrow)) as never;
    refuses(() => fitClouds({ method: map({ prior: wrong }) }), 'E_OPTION', /gave 3 for '1\.dense\.kernel'/);
    refuses(
      () => vi({ prior: 3 as never }),
      'E_OPTION',
      /'prior' must be a prior.*or a function that gives one/,
    );
    refuses(() => laplace({ prior: (() => narrow) as never }), 'E_OPTION', /'prior' must be a prior/);
  });
});
