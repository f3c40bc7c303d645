import assert from 'node:assert/strict';
import { configs } from '../../bench/configs';
import { gflopPerStep } from '../../bench/flops';
import { markdown } from '../../bench/markdown';
import type { ConfigResults, Result } from '../../bench/measure';
import { insert } from '../../bench/page';
import { rate, ratios, type Report } from '../../bench/report';
import { median } from '../../bench/statistics';
import { refuses } from '../refuses';

const result = (name: string, cpuMs: number, more: Partial<Result> = {}): Result => ({
  name,
  cpuMs,
  wallMs: 2 * cpuMs,
  rounds: [],
  firstCallSeconds: 1,
  firstLoss: 17,
  lastLoss: 15,
  trains: true,
  peakMiB: 300,
  peakAboveImportMiB: 100,
  gflop: 1,
  versions: {},
  ...more,
});

const measured: ConfigResults = {
  config: configs.a,
  results: [
    result('Credence, weights', 10),
    result('Credence, local', 5),
    result('broken', 1, { trains: false, lastLoss: NaN }),
    result('JAX', 20, { versions: { jax: '1.2.3' } }),
    result('torch_blue, Monte Carlo', 50),
    result('torch_blue, closed form', 25),
  ],
  failures: [{ name: 'NumPyro', reason: 'NumPyro: it ended' }],
  peak: { wallMs: 100, cpuMs: 200 },
};

describe('the report of a benchmark', () => {
  const cpu = { threads: 1, device: 'cpu' } as const;

  it('counts matrix products and convolutions, as counted by hand', () => {
    // 2 B S multiply-adds; forward, and backward to weights and to inputs, but to no input of the first layer
    const dense = [784 * 256, 256 * 256, 256 * 10] as const;
    const a = 2 * 128 * 8 * (2 * dense[0] + 3 * dense[1] + 3 * dense[2]);
    assert.equal(gflopPerStep(configs.a), a / 1e9);
    // two maps for each layer; those of the data are shared by the samples
    const local = 2 * 128 * (2 * 2 * dense[0] + 8 * 2 * 3 * (dense[1] + dense[2]));
    assert.equal(gflopPerStep(configs.a, 'local'), local / 1e9);

    const [conv1, conv2, head] = [32 * 32 * 27 * 16, 16 * 16 * 144 * 32, 8 * 8 * 32 * 10] as const;
    assert.equal(gflopPerStep(configs.d), (2 * 64 * 4 * (2 * conv1 + 3 * conv2 + 3 * head)) / 1e9);

    const block = 64 * (64 * 192 + 64 * 64 + 2 * 64 * 128) + 2 * 64 * 64 * 64; // 64 tokens of 64 features
    const c = 2 * 32 * 4 * (2 * 64 * 48 * 64 + 3 * (4 * block + 640));
    assert.equal(gflopPerStep(configs.c), c / 1e9);
  });

  it('takes the middle', () => {
    assert.equal(median([3, 1, 2]), 2);
    assert.equal(median([4, 1, 2, 3]), 2.5);
  });

  it('compares with the fastest peer that trains, and with the like of torch_blue', () => {
    assert.deepEqual(
      ratios(measured, cpu).map(({ ours, theirs, cpuMs }) => [ours, theirs, cpuMs]),
      [
        ['Credence, weights', 'JAX', 0.5],
        ['Credence, weights', 'torch_blue, Monte Carlo', 0.2],
        ['Credence, local', 'JAX', 0.25],
        ['Credence, local', 'torch_blue, closed form', 0.2],
      ],
    );
  });

  it('relates speed to the peak of the same clock', () => {
    const [ours] = measured.results;
    assert.deepEqual(rate(ours!, measured, cpu), { gflops: 100, share: 0.5 });
    assert.deepEqual(rate(ours!, measured, { threads: 2, device: 'cpu' }), { gflops: 50, share: 0.5 });
    assert.deepEqual(rate(ours!, measured, { threads: 1, device: 'gpu' }), { gflops: 50, share: 0.5 });
  });

  it('marks who does not train, and names who did not run and what it was run with', () => {
    const report: Report = {
      machine: {
        date: '2026-01-02',
        cpu: 'Some CPU',
        cores: 2,
        memoryGiB: 8,
        gpu: null,
        system: 'Linux',
        pinned: true,
        versions: { node: '20' },
      },
      setting: cpu,
      rounds: 3,
      configs: [measured],
    };
    const text = markdown(report);
    assert.match(text, /^\| broken \|.*\*\*does not train\*\*/m);
    assert.match(text, /^- not measured: NumPyro: it ended$/m);
    assert.match(text, /Some CPU, 2 cores[^]*node 20, jax 1\.2\.3\./);
    assert.match(text, /^\| Credence, weights \| 10\.0 \| 20\.0 \| 100 \| 50 % \| 1\.0 \| 100 \| 300 \|/m);
  });

  it('stands between its markers in the page, in place of the one before', () => {
    const page = 'a\n<!-- bench cpu-1 -->\nold\n<!-- end cpu-1 -->\n<!-- bench gpu -->\n<!-- end gpu -->\n';
    const next = insert(page, 'cpu-1', 'new');
    assert.equal(next, page.replace('\nold\n', '\n\nnew\n\n'));
    assert.equal(insert(next, 'cpu-1', 'new'), next);
    refuses(() => insert(page, 'cpu-3', 'new'), 'E_FILE', /bench cpu-3/);
  });
});
