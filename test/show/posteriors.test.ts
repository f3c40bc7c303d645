import assert from 'node:assert/strict';
import {
  adam,
  data,
  fit,
  hmc,
  laplace,
  layers,
  likelihoods,
  type Method,
  type NdArray,
  runs,
  sequential,
  show,
  vi,
} from '../../lib';
import { refuses } from '../refuses';

const wave = data.wave({ points: 60 }).train;
const model = () => sequential([layers.dense({ units: 4, activation: 'tanh' }), layers.dense({ units: 1 })]);
const start = (method: Method, given: object = { optimizer: adam(1e-2), epochs: 3 }) =>
  fit(model(), wave, {
    ...given,
    likelihood: likelihoods.gaussian({ noise: 0.1 }),
    method,
    devices: 1,
    seed: 1,
  });

describe('show.weights and show.pruning', function () {
  this.timeout(120_000);

  it('draw what was learned of each layer', async () => {
    const posterior = await start(vi()).done;
    const [ratio, sigma] = show.weights(posterior).figures;
    assert.deepEqual(
      sigma?.data.map(({ name }) => name),
      ['0.dense.kernel', '0.dense.bias', '1.dense.kernel', '1.dense.bias'],
    );
    const kernel = (part: string) => posterior.variables.get(`0.dense.kernel.${part}`)!;
    const ratios = [...kernel('mean')]
      .map((value, i) => Math.abs(value) / Math.exp(kernel('logStd')[i]!))
      .sort((a, b) => a - b);
    const median = Number(ratios[2]!.toPrecision(3));
    assert.ok(
      ratio?.description.includes(`0.dense.kernel: 4 weights, median ${median};`),
      ratio?.description,
    );
  });

  it('remove the weights that say least, and leave the posterior as it was', async () => {
    const posterior = await start(vi()).done;
    const before = new Map([...posterior.variables].map(([name, values]) => [name, values.slice()]));
    const zeros: number[] = [];
    const picture = show.pruning(
      posterior,
      ({ variables }) => {
        const means = [...variables]
          .filter(([name]) => name.endsWith('.mean'))
          .flatMap(([, values]) => [...values]);
        const spread = [...variables]
          .filter(([name]) => name.endsWith('.logStd'))
          .flatMap(([, values]) => [...values]);
        assert.ok(means.every((mean, i) => (mean === 0) === (spread[i] === -Infinity)));
        zeros.push(means.filter((mean) => mean === 0).length);
        return posterior.evaluate(wave, { samples: 4 }).nll;
      },
      { removed: [0, 0.5, 0.9], score: 'nll' },
    );
    assert.deepEqual(zeros, [0, 6, 11]); // of 13 weights
    const drawn = picture.figures[0]!.data[1]!.y as number[];
    assert.ok(drawn.every(Number.isFinite));
    for (const [name, values] of before) assert.deepEqual(posterior.variables.get(name)!.slice(), values);
    assert.throws(() => show.pruning(posterior, () => assert.fail('no')), /no/);
    for (const [name, values] of before) assert.deepEqual(posterior.variables.get(name)!.slice(), values);
    refuses(() => show.pruning(posterior, () => 1, { removed: [1] }), 'E_OPTION', /below 1/);
  });

  it('refuse posteriors that have no spread of single weights', async () => {
    const posterior = await start(laplace()).done;
    refuses(() => show.weights(posterior), 'E_OPTION', /use vi\(\), swag\(\)/);
    refuses(() => show.pruning(posterior, () => 1), 'E_OPTION', /use vi\(\)/);
  });
});

describe('show.chains', function () {
  this.timeout(120_000);

  it('shows the quantity whose chains agree least, or the one asked for', async () => {
    const posterior = await start(hmc({ chains: 2, draws: 60, warmup: 100 }), {}).done;
    const ratio = (title: string): number => Number(/R-hat ([\d.]+)/.exec(title)![1]);
    const worst = show.chains(posterior).figures[0]!.title;
    const asked = show.chains(posterior, { variable: '1.dense.bias', element: 0 }).figures[0]!.title;
    assert.match(asked, /^1\.dense\.bias\[0\]: R-hat/);
    assert.ok(ratio(worst) >= ratio(asked));
    assert.equal(show.weights(posterior).figures.length, 2);
    const draws: NdArray = posterior.chain('1.dense.bias', 0);
    assert.equal(show.chains(draws, { name: '1.dense.bias[0]' }).figures[0]!.title, asked);
    refuses(() => show.chains(posterior, { variable: 'x' }), 'E_OPTION', /no variable 'x'/);
    refuses(() => show.chains(posterior, { draw: 1 } as never), 'E_OPTION', /unknown option 'draw'/);
  });
});

describe('show.compare', function () {
  this.timeout(120_000);

  it('shows runs of now and of the disk side by side', async () => {
    const run = start(vi());
    await run.done;
    const stored = runs.load(run.id);
    const [steps, seconds, table] = show.compare({ now: run, then: stored }).figures;
    assert.deepEqual(
      steps?.data.map(({ name }) => name),
      ['now', 'then', 'now', 'then'],
    );
    assert.deepEqual(steps?.data[0]?.y, steps?.data[1]?.y);
    assert.equal(seconds?.layout.xaxis?.title?.text, 'seconds of work');
    const cells = table!.layout.annotations!.map(({ text }) => text);
    assert.deepEqual(cells.slice(7, 10), ['now', 'done', String(run.step)]);
    assert.equal(cells[10], cells[17]);
    assert.deepEqual(show.compare([run]).figures[0]?.data[0]?.name, run.id);
    refuses(() => show.compare([]), 'E_DATA', /no run/);
  });
});
