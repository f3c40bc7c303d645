import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { priors } from '../../lib/distributions';
import type { Prior } from '../../lib/distributions/prior';
import { studentTLogProb } from '../../lib/distributions/studentT';
import { tensorflow } from '../../lib/engine/tfjs/tensorflow';
import { assertClose, golden } from '../golden';
import { refuses } from '../refuses';

/** log p(x) of each number under a prior of its own. */
const each = (x: number[], priorAt: (i: number) => Prior): tf.Tensor =>
  tf.concat(x.map((value, i) => priorAt(i).logProb(tf.tensor1d([value]))));

describe('distributions: priors have the log densities of scipy', () => {
  before(() => {
    tensorflow();
  });
  interface Located {
    x: number[];
    loc: number[];
    scale: number[];
    df: number;
  }

  for (const { name, inputs, expected, tolerance_f32 } of golden<Located>(
    'distributions',
    'laplace_log_prob',
  )) {
    it(`distributions.json ${name}`, () => {
      const { x, loc, scale } = inputs;
      const logProb = each(x, (i) => priors.laplace(loc[i], scale[i]));
      assertClose(logProb.dataSync(), expected['log_prob']!, tolerance_f32);
      assertClose(tf.sum(logProb).dataSync(), expected['sum']!, tolerance_f32);
    });
  }

  for (const { name, inputs, expected, tolerance_f32 } of golden<Located>(
    'distributions',
    'student_t_log_prob',
  )) {
    it(`distributions.json ${name}`, () => {
      const { x, loc, scale, df } = inputs;
      const logProb = each(x, (i) => priors.studentT({ df, mean: loc[i], scale: scale[i] }));
      assertClose(logProb.dataSync(), expected['log_prob']!, tolerance_f32);
      const together = studentTLogProb(tf.tensor1d(x), tf.tensor1d(loc), tf.log(tf.tensor1d(scale)), df);
      assertClose(together.dataSync(), expected['log_prob']!, tolerance_f32);
      assertClose(tf.sum(together).dataSync(), expected['sum']!, tolerance_f32);
    });
  }

  interface Mixture {
    x: number[];
    pi: number;
    sigma1: number;
    sigma2: number;
  }
  for (const { name, inputs, expected, tolerance_f32 } of golden<Mixture>(
    'distributions',
    'scale_mixture_log_prob',
  )) {
    it(`distributions.json ${name}`, () => {
      const { x, ...options } = inputs;
      const logProb = priors.scaleMixture(options).logProb(tf.tensor1d(x));
      assertClose(logProb.dataSync(), expected['log_prob']!, tolerance_f32);
      assertClose(tf.sum(logProb).dataSync(), expected['sum']!, tolerance_f32);
    });
  }

  for (const { name, inputs, expected, tolerance_f32 } of golden<{ x: number[]; low?: number }>(
    'distributions',
    'log_uniform_log_prob',
  )) {
    if (inputs.low !== undefined) continue; // the proper one is no prior, but in `distributions`
    it(`distributions.json ${name}`, () => {
      const logProb = priors.logUniform().logProb(tf.tensor1d(inputs.x));
      assertClose(logProb.dataSync(), expected['log_prob']!, tolerance_f32);
    });
  }

  it('uniform: 0 everywhere', () => {
    assertClose(
      priors
        .uniform()
        .logProb(tf.tensor1d([-3, 0, 1e6]))
        .dataSync(),
      [0, 0, 0],
      0,
    );
  });
});

describe('distributions: the horseshoe prior', () => {
  before(() => {
    tensorflow();
  });
  const logProb = (w: number[], scale: number): number[] =>
    Array.from(priors.horseshoe(scale).logProb(tf.tensor1d(w)).dataSync());

  it('is a mixture of normal distributions of half-Cauchy scales, by quadrature', () => {
    // lambda = tan(v) is half-Cauchy for v uniform in (0, pi / 2)
    const mixture = (w: number, scale: number): number => {
      const nodes = 200_000;
      let sum = 0;
      for (let i = 0; i < nodes; i++) {
        const std = scale * Math.tan(((i + 0.5) / nodes) * (Math.PI / 2));
        sum += Math.exp(-0.5 * (w / std) ** 2) / std;
      }
      return Math.log(sum / nodes / Math.sqrt(2 * Math.PI));
    };
    for (const scale of [1, 0.05]) {
      const w = [0.01, -0.3, 1, 1.4, 1.5, -4, 30].map((each) => each * scale);
      assertClose(logProb(w, scale), w.map((each) => mixture(each, scale)), 1e-4); // prettier-ignore
    }
  });

  it('lies between the bounds of its authors (theorem 1)', () => {
    const w = [1e-4, 0.02, 0.5, 1, 3, 20];
    const bound = (w: number, c: number): number =>
      Math.log(Math.log1p(c / w ** 2) / Math.sqrt(2 * Math.PI ** 3));
    logProb(w, 1).forEach((value, i) => {
      assert.ok(
        bound(w[i]!, 4) - Math.log(2) <= value + 1e-6 && value <= bound(w[i]!, 2) + 1e-6,
        `at ${w[i]}`,
      );
    });
  });

  it('has a finite value and gradient at 0 and far off, of either scale', () => {
    for (const scale of [1, 1e-3]) {
      const { value, grad } = tf.valueAndGrad((w: tf.Tensor) => tf.sum(priors.horseshoe(scale).logProb(w)))(
        tf.tensor1d([0, 1e-10, -1e-5, 100]),
      );
      for (const tensor of [value, grad]) assert.ok(tensor.dataSync().every(Number.isFinite), String(tensor));
    }
  });
});

describe('distributions: closed divergences', () => {
  before(() => {
    tensorflow();
  });
  interface NormalLaplace {
    q_mean: number[];
    q_std: number[];
    p_loc: number;
    p_scale: number;
  }
  for (const { name, inputs, expected, tolerance_f32 } of golden<NormalLaplace>(
    'distributions',
    'normal_laplace_kl',
  )) {
    it(`distributions.json ${name}`, () => {
      const posterior = { mean: tf.tensor1d(inputs.q_mean), logStd: tf.log(tf.tensor1d(inputs.q_std)) };
      const kl = priors.laplace(inputs.p_loc, inputs.p_scale).kl(posterior);
      assertClose(kl.dataSync(), expected['kl']!, tolerance_f32);
      assertClose(tf.sum(kl).dataSync(), expected['sum']!, tolerance_f32);
    });
  }

  for (const { name, inputs, expected, tolerance_f32 } of golden<{ log_alpha: number[] }>(
    'distributions',
    'log_uniform_kl_molchanov',
  )) {
    it(`distributions.json ${name}, whatever the mean`, () => {
      for (const m of [1, -0.03]) {
        const mean = tf.fill([inputs.log_alpha.length], m);
        const logStd = tf.add(tf.mul(tf.tensor1d(inputs.log_alpha), 0.5), Math.log(Math.abs(m)));
        const kl = priors.logUniform().kl({ mean, logStd });
        assertClose(kl.dataSync(), expected['kl']!, tolerance_f32);
        assertClose(tf.sum(kl).dataSync(), expected['sum']!, tolerance_f32);
      }
    });
  }

  it('uniform: minus the entropy of the posterior', () => {
    const kl = priors.uniform().kl({ mean: tf.tensor1d([5, 0]), logStd: tf.tensor1d([0, -2]) });
    const entropy = 0.5 * Math.log(2 * Math.PI * Math.E);
    assertClose(kl.dataSync(), [-entropy, 2 - entropy], 1e-6);
  });

  it('quiet: that from N(m, (ratio m)²), and -log of the density of the mean', () => {
    const [m, s] = [
      [0.5, -2],
      [0.1, 3],
    ];
    const prior = priors.quiet({ ratio: 0.4, mean: 0.3, std: 2 });
    const kl = prior.kl({ mean: tf.tensor1d(m), logStd: tf.log(tf.tensor1d(s)) });
    const want = m.map((mean, i) => {
      const spread = 0.4 * Math.abs(mean);
      const relative = Math.log(spread / s[i]!) + s[i]! ** 2 / (2 * spread ** 2) - 0.5;
      return relative + 0.5 * ((mean - 0.3) / 2) ** 2 + Math.log(2) + 0.5 * Math.log(2 * Math.PI);
    });
    assertClose(kl.dataSync(), want, 1e-5);
    // of a weight that is its own mean, the first density is 1 / (sqrt(2 pi) ratio |w|)
    const logProb = prior.logProb(tf.tensor1d([-2]));
    const wanted = -Math.log(0.8) - Math.log(2) - Math.log(2 * Math.PI) - 0.5 * (2.3 / 2) ** 2;
    assertClose(logProb.dataSync(), [wanted], 1e-5);
  });

  it('have finite gradients at 0 and with little noise', () => {
    const all = [
      priors.normal(),
      priors.laplace(),
      priors.logUniform(),
      priors.uniform(),
      priors.quiet({ ratio: 0.1 }),
    ];
    for (const { name, kl } of all) {
      const [mean, logStd] = [tf.tensor1d([0, 1, 0, 3]), tf.tensor1d([-3, -15, -8, 0])];
      const { value, grads } = tf.valueAndGrads((mean: tf.Tensor, logStd: tf.Tensor) =>
        tf.sum(kl({ mean, logStd })),
      )([mean, logStd]);
      for (const tensor of [value, ...grads]) {
        assert.ok(tensor.dataSync().every(Number.isFinite), `${name}: ${String(tensor)}`);
      }
    }
  });
});

describe('distributions: names and options of priors', () => {
  it('tell every setting', () => {
    const names = [
      priors.laplace(),
      priors.laplace(0, 2),
      priors.laplace(1, 2),
      priors.studentT(),
      priors.studentT({ df: 4 }),
      priors.studentT({ scale: 2 }),
      priors.studentT({ mean: 1 }),
      priors.scaleMixture(),
      priors.scaleMixture({ pi: 0.25 }),
      priors.scaleMixture({ sigma1: 2 }),
      priors.scaleMixture({ sigma2: 0.1 }),
      priors.horseshoe(),
      priors.horseshoe(0.1),
      priors.logUniform(),
      priors.uniform(),
      priors.quiet(),
      priors.quiet({ ratio: 0.5 }),
      priors.quiet({ mean: 1 }),
      priors.quiet({ std: 2 }),
      priors.normal(),
    ].map(({ name }) => name);
    assert.equal(new Set(names).size, names.length, names.join('; '));
    assert.equal(names[8], `0.25 N(0, 1²) + 0.75 N(0, ${Math.exp(-6)}²)`);
  });

  it('are checked', () => {
    const wrong: [call: () => unknown, says: RegExp][] = [
      [() => priors.laplace(0, 0), /^priors\.laplace: scale: must be a number above 0, got 0$/],
      [() => priors.laplace(NaN), /^priors\.laplace: mean: must be/],
      [() => priors.studentT({ df: -1 }), /^priors\.studentT: option 'df' must be a number above 0, got -1$/],
      [() => priors.studentT({ sigma: 1 } as object), /unknown option 'sigma'.*Options: df, mean, scale$/],
      [() => priors.scaleMixture({ pi: 1.5 }), /option 'pi' must be a number from 0 to 1, got 1.5$/],
      [
        () => priors.scaleMixture({ sigma1: 0.1, sigma2: 1 }),
        /'sigma2' is the narrow part, at most sigma1 = 0.1, got 1$/,
      ],
      [() => priors.horseshoe(0), /^priors\.horseshoe: scale: must be a number above 0, got 0$/],
      [() => priors.quiet({ ratio: 0 }), /^priors\.quiet: option 'ratio' must be a number above 0, got 0$/],
    ];
    for (const [call, says] of wrong) refuses(call, 'E_OPTION', says);
  });
});
