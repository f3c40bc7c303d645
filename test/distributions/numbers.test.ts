/** Distributions of plain numbers: the values of scipy, and what holds for every distribution. */
import assert from 'node:assert/strict';
import * as distributions from '../../lib/distributions/numbers';
import type { Distribution } from '../../lib/distributions/numbers';
import { assertClose, flat, golden } from '../golden';
import { refuses } from '../refuses';

type Numbers = Readonly<Record<string, number>>;
type Points = Numbers & { readonly x: readonly number[]; readonly p: readonly number[] };

const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);

/** How each distribution of one family is made from the inputs of a golden case. */
const families: Record<string, (inputs: Numbers) => Distribution> = {
  normal: ({ mean, std }) => distributions.normal(mean, std),
  laplace: ({ loc, scale }) => distributions.laplace(loc, scale),
  student_t: ({ df, loc, scale }) => distributions.studentT({ df: df!, mean: loc!, scale: scale! }),
  cauchy: ({ loc, scale }) => distributions.cauchy(loc, scale),
  half_normal: ({ scale }) => distributions.halfNormal(scale),
  half_cauchy: ({ scale }) => distributions.halfCauchy(scale),
  log_normal: ({ mu, sigma }) => distributions.logNormal(mu, sigma),
  gamma: ({ shape, rate }) => distributions.gamma(shape!, rate),
  inverse_gamma: ({ shape, scale }) => distributions.inverseGamma(shape!, scale),
  beta: ({ a, b }) => distributions.beta(a!, b!),
  log_uniform: ({ low, high }) => distributions.logUniform(low!, high!),
};

/** The inputs for element i, where parameters differ from element to element. */
const at = (inputs: Points, i: number): Numbers =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, value]: [string, unknown]) => {
      const list = [value].flat(2) as number[];
      return [name, list.length === 1 ? list[0]! : (list[i] ?? NaN)];
    }),
  );

describe('distributions of numbers: densities, quantiles and entropies of scipy', () => {
  for (const [family, make] of Object.entries(families)) {
    for (const { name, inputs, expected, tolerance } of golden<Points>(
      'distributions',
      `${family}_log_prob`,
    )) {
      if (family === 'log_uniform' && inputs['low'] === undefined) continue; // the improper one is a prior
      it(`distributions.json ${name}`, () => {
        const x = [...flat(inputs.x)];
        const logProbs = x.map((each, i) => make(at(inputs, i)).logProb(each));
        assertClose(logProbs, expected['log_prob']!, tolerance, 'log_prob');
        if ('sum' in expected) assertClose(sum(logProbs), expected['sum'], tolerance, 'sum');
        if ('entropy' in expected)
          assertClose(make(at(inputs, 0)).entropy, expected['entropy'], tolerance, 'entropy');
      });
    }
  }

  for (const family of ['normal', 'laplace', 'student_t']) {
    const quantity = `${family}_cdf_quantile_entropy`;
    for (const { name, inputs, expected, tolerance } of golden<Points>('distributions', quantity)) {
      it(`distributions.json ${name}`, () => {
        const distribution = families[family]!(inputs);
        const cdf = inputs.x.map(distribution.cdf);
        assertClose(cdf, expected['cdf']!, tolerance, 'cdf');
        assertClose(cdf.map(Math.log), expected['log_cdf']!, tolerance, 'log_cdf');
        assertClose(inputs.p.map(distribution.quantile), expected['quantile']!, tolerance, 'quantile');
        assertClose(distribution.entropy, expected['entropy']!, tolerance, 'entropy');
      });
    }
  }
});

describe('distributions of numbers: divergences', () => {
  interface Pair {
    q_mean: number[];
    q_log_std: number[];
    q_loc: number[];
    q_scale: number[];
    p_mean: number | number[];
    p_std: number | number[];
    p_loc: number;
    p_scale: number;
  }
  const element = (list: unknown, i: number): number => {
    const all = [list].flat(2) as number[];
    return all.length === 1 ? all[0]! : all[i]!;
  };
  for (const { name, inputs, expected, tolerance } of golden<Pair>('distributions', 'normal_kl')) {
    it(`distributions.json ${name}`, () => {
      const kl = [...flat(inputs.q_mean)].map((mean, i) =>
        distributions
          .normal(mean, Math.exp(element(inputs.q_log_std, i)))
          .kl(distributions.normal(element(inputs.p_mean, i), element(inputs.p_std, i))),
      );
      assertClose(kl, expected['kl']!, tolerance);
      assertClose(sum(kl), expected['sum']!, tolerance, 'sum');
    });
  }
  for (const { name, inputs, expected, tolerance } of golden<Pair>('distributions', 'laplace_laplace_kl')) {
    it(`distributions.json ${name}`, () => {
      const p = distributions.laplace(inputs.p_loc, inputs.p_scale);
      const kl = inputs.q_loc.map((mean, i) => distributions.laplace(mean, inputs.q_scale[i]).kl(p));
      assertClose(kl, expected['kl']!, tolerance);
      assertClose(sum(kl), expected['sum']!, tolerance, 'sum');
    });
  }

  interface Rows {
    p: number[][];
    q: number[][];
    alpha: number[][];
    beta: number[][];
  }
  for (const { name, inputs, expected, tolerance } of golden<Rows>(
    'distributions',
    'categorical_entropy_kl',
  )) {
    it(`distributions.json ${name}`, () => {
      const [p, q] = [inputs.p, inputs.q].map((rows) => rows.map(distributions.categorical));
      assertClose(p!.map(({ entropy }) => entropy), expected['entropy']!, tolerance, 'entropy'); // prettier-ignore
      assertClose(p!.map((each, i) => each.kl(q![i]!)), expected['kl']!, tolerance, 'kl'); // prettier-ignore
    });
  }
  for (const { name, inputs, expected, tolerance } of golden<Rows>('distributions', 'dirichlet_entropy_kl')) {
    it(`distributions.json ${name}`, () => {
      const [a, b] = [inputs.alpha, inputs.beta].map((rows) => rows.map(distributions.dirichlet));
      assertClose(a!.map(({ entropy }) => entropy), expected['entropy']!, tolerance, 'entropy'); // prettier-ignore
      assertClose(a!.map((each, i) => each.kl(b![i]!)), expected['kl']!, tolerance, 'kl'); // prettier-ignore
    });
  }

  interface Normals {
    x: number[][];
    mean: number[];
    cov: number[][];
    p_mean: number[];
    p_cov: number[][];
  }
  const mvn = golden<Normals>('distributions', 'mvn_log_prob_kl_entropy');
  for (const { name, inputs, expected, tolerance } of mvn) {
    it(`distributions.json ${name}`, () => {
      const q = distributions.multivariateNormal(inputs.mean, inputs.cov);
      const kl = q.kl(distributions.multivariateNormal(inputs.p_mean, inputs.p_cov));
      const got = { log_prob: inputs.x.map(q.logProb), entropy: q.entropy, kl, cholesky: q.cholesky };
      assertClose(got, expected, tolerance);
    });
  }

  it('agree where two families meet', () => {
    const [p, q] = [distributions.normal(0.3, 0.5), distributions.normal(-1, 2)];
    const single = ({ parameters: { mean, std } }: typeof p) =>
      distributions.multivariateNormal([mean], [[std ** 2]]);
    assertClose(single(p).kl(single(q)), p.kl(q), 1e-13);
    assertClose(single(p).logProb([0.7]), p.logProb(0.7), 1e-13);
    const [beta, dirichlet] = [distributions.beta(2, 0.7), distributions.dirichlet([2, 0.7])];
    assertClose(dirichlet.logProb([0.2, 0.8]), beta.logProb(0.2), 1e-13);
    assertClose(dirichlet.entropy, beta.entropy, 1e-13);
    assertClose(dirichlet.kl(dirichlet), 0, 1e-13);
  });
});

describe('distributions of numbers: what holds for each', () => {
  const all = [
    distributions.normal(0.4, 2),
    distributions.laplace(-1, 0.5),
    distributions.studentT({ df: 2.5, mean: 1, scale: 0.3 }),
    distributions.cauchy(0.5, 2),
    distributions.halfNormal(0.7),
    distributions.halfCauchy(0.7),
    distributions.logNormal(0.2, 0.6),
    distributions.gamma(0.6, 2),
    distributions.gamma(1, 3),
    distributions.gamma(30, 0.1),
    distributions.inverseGamma(3.2, 1.1),
    distributions.beta(2, 0.7),
    distributions.beta(0.5, 9),
    distributions.uniform(-1, 3),
    distributions.logUniform(0.01, 10),
  ];
  for (const { name, logProb, cdf, quantile, entropy } of all) {
    it(`${name}: the density is the slope of the distribution function, and quantiles are its inverse`, () => {
      for (const p of [0.001, 0.05, 0.3, 0.6, 0.8, 0.97]) {
        const x = quantile(p);
        assertClose(cdf(x), p, 1e-11, `cdf of the quantile ${p}`);
        const h = 1e-3 * Math.min(p, 1 - p) * Math.exp(-logProb(x));
        const slope = (cdf(x + h) - cdf(x - h)) / (2 * h);
        assert.ok(
          Math.abs(slope / Math.exp(logProb(x)) - 1) < 1e-5,
          `${x}: ${slope} for ${Math.exp(logProb(x))}`,
        );
      }
      const [low, high] = [quantile(0), quantile(1)];
      assert.deepEqual([cdf(low), cdf(high)], [0, 1]);
      if (low > -Infinity) assert.deepEqual([logProb(low - 1), cdf(low - 1)], [-Infinity, 0]);
      if (high < Infinity) assert.deepEqual([logProb(high + 1), cdf(high + 1)], [-Infinity, 1]);
    });

    it(`${name}: the entropy is the mean of -log p, over 20,000 quantiles, to 2 %`, () => {
      const n = 20_000;
      const terms = Array.from({ length: n }, (_, i) => -logProb(quantile((i + 0.5) / n)));
      assertClose(sum(terms) / n, entropy, 0.02);
    });
  }

  it('names tell the parameters, each is of its own', () => {
    assert.equal(new Set(all.map(({ name }) => name)).size, all.length);
  });

  it('labels: log p, also of one that there is not', () => {
    const { logProb } = distributions.categorical(Float32Array.of(0.25, 0.75, 0));
    assertClose([0, 1].map(logProb), [Math.log(0.25), Math.log(0.75)], 1e-15);
    assert.deepEqual([2, 3, -1].map(logProb), [-Infinity, -Infinity, -Infinity]);
  });

  it('refuse what is no parameter, and say why', () => {
    const d = distributions;
    const wrong: [call: () => unknown, code: 'E_OPTION' | 'E_SHAPE', says: RegExp][] = [
      [() => d.normal(0, 0), 'E_OPTION', /^distributions\.normal: std: must be a number above 0, got 0$/],
      [() => d.laplace(NaN), 'E_OPTION', /^distributions\.laplace: mean: must be/],
      [() => d.gamma(-1), 'E_OPTION', /^distributions\.gamma: shape: must be a number above 0, got -1$/],
      [() => d.normal().quantile(1.5), 'E_OPTION', /a quantile needs a probability from 0 to 1, got 1.5$/],
      [() => d.gamma(2).quantile(NaN), 'E_OPTION', /^a quantile needs a probability from 0 to 1, got NaN$/],
      [() => d.uniform(2, 1), 'E_OPTION', /'low' must be below 'high', got 2 and 1$/],
      [
        () => d.logUniform(-1, 1),
        'E_OPTION',
        /^distributions\.logUniform: low: must be a number above 0, got -1$/,
      ],
      [() => d.categorical([0.5, 0.6]), 'E_OPTION', /add up to 1, got a sum of 1.1$/],
      [() => d.categorical([1.5, -0.5]), 'E_OPTION', /must be at least 0/],
      [() => d.categorical([]), 'E_OPTION', /must not be empty/],
      [
        () => d.categorical([1]).kl(d.categorical([0.5, 0.5])),
        'E_SHAPE',
        /over the same labels, got 1 and 2 of them$/,
      ],
      [() => d.dirichlet([1, 0]), 'E_OPTION', /concentrations\[1\]: must be a number above 0, got 0$/],
      [() => d.dirichlet([1, 2]).logProb([1]), 'E_SHAPE', /is over 2 labels, got 1$/],
      [() => d.multivariateNormal([0, 0], [[1, 2], [2, 1]]), 'E_OPTION', /symmetric and positive definite$/], // prettier-ignore
      [() => d.multivariateNormal([0, 0], [[1, 0.5], [0, 1]]), 'E_OPTION', /symmetric and positive definite$/], // prettier-ignore
      [() => d.multivariateNormal([0], [[1], [1]]), 'E_SHAPE', /needs 1 numbers, got 2$/],
    ];
    for (const [call, code, says] of wrong) refuses(call, code, says);
  });
});
