import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { backend } from '../../../lib/engine/tfjs/backend';
import { map } from '../../../lib/inference/map';
import { swag, swagDraws } from '../../../lib/inference/swag/swag';
import { momentsOf } from '../../../lib/inference/swag/swagMoments';
import { dense } from '../../../lib/layers';
import { sequential } from '../../../lib/layers/sequential';
import { accuracy } from '../../../lib/metrics';
import { type NdArray } from '../../../lib/ndarray';
import { sgd } from '../../../lib/optimizers';
import { fit } from '../../../lib/fit';
import { assertClose, type Golden, golden } from '../../golden';
import { clouds, curves, fitClouds, options } from '../../problems';
import { refuses } from '../../refuses';

interface Inputs {
  iterates: number[][];
  max_rank: number;
  z1: number[];
  z2: number[];
}
interface Expected {
  mean: Golden;
  variance: Golden;
  deviations: number[][];
  sample_low_rank: Golden;
  covariance: Golden;
}

describe('inference: the moments of SWAG', () => {
  for (const { name, inputs, expected, tolerance_f32 } of golden<Inputs, Expected>('inference', 'swag')) {
    const { iterates, max_rank, z1, z2 } = inputs;
    const moments = () =>
      momentsOf(
        iterates.map((each) => Float32Array.from(each)),
        max_rank,
      );

    it(`are those of inference.json ${name}`, () => {
      const { mean, std, deviations } = moments();
      assertClose(mean, expected.mean, tolerance_f32, 'mean');
      assertClose(std.map((each) => each ** 2), expected.variance, tolerance_f32, 'variance'); // prettier-ignore
      const unit = Math.sqrt(Math.max(1, deviations.length - 1));
      assertClose(
        deviations.flatMap((row) => [...row].map((each) => each * unit)),
        expected.deviations,
        tolerance_f32,
        'deviations',
      );
    });

    if (expected.covariance === null) continue;
    it(`give the draw and the covariance of inference.json ${name}`, () => {
      backend();
      const { mean, std, deviations } = moments();
      const tensors = {
        mean: tf.tensor1d(mean),
        std: tf.tensor1d(std),
        deviations: tf.tensor2d(deviations.map((row) => [...row])),
      };
      const draw = (scale: number): Float32Array =>
        swagDraws(tensors, [tf.tensor2d([z1]), tf.tensor2d([z2])], scale).dataSync() as Float32Array;
      assertClose(draw(1), expected.sample_low_rank, tolerance_f32, 'draw');
      const wide = draw(4).map((value, i) => mean[i]! + (value - mean[i]!) / 2);
      assertClose(wide, expected.sample_low_rank, tolerance_f32, 'draw of four times the covariance');
      const covariance = [...std].map((a, i) =>
        [...std].map((_, j) => {
          const along = deviations.reduce((sum, row) => sum + row[i]! * row[j]!, 0);
          return ((i === j ? a * a : 0) + along) / 2;
        }),
      );
      assertClose(covariance, expected.covariance, tolerance_f32, 'covariance');
    });
  }
});

describe('inference: swag', () => {
  const optimizer = sgd(0.5);
  const settings = { method: swag({ rank: 3 }), optimizer, epochs: 16 };
  const kernel = '0.dense.kernel';

  it('learns the moments of the weights that training goes through', async () => {
    const { variables } = await fitClouds(settings).done;
    // after epochs 12, 13, 14, 15, 16
    const iterates: NdArray[] = [];
    for (let epochs = 12; epochs <= 16; epochs++) {
      const posterior = await fitClouds({ method: map(), optimizer, epochs }).done;
      iterates.push(posterior.variables.get(kernel)!);
    }
    const want = momentsOf(iterates, 3);
    assertClose(variables.get(`${kernel}.mean`)!, [...want.mean], 1e-5, 'mean');
    assertClose(variables.get(`${kernel}.std`)!, [...want.std], 1e-5, 'std');
    const deviations = variables.get(`${kernel}.deviations`)!;
    assert.deepEqual(deviations.shape, [3, 2, 4]);
    assertClose(deviations, want.deviations.flatMap((row) => [...row]), 1e-5, 'deviations'); // prettier-ignore
  });

  it('draws from them: mean and covariance of the outputs of linear models, within 5 % and 10 %', async () => {
    const { likelihood, train } = curves;
    const [members, rank, count] = [2, 4, 8192];
    const run = fit(dense({ units: 2 }), train, {
      ...options(),
      likelihood,
      method: swag({ members, rank, scale: 2 }),
      optimizer: sgd(0.02),
      epochs: 20,
    });
    const posterior = await run.done;
    const { samples } = posterior.predict([[1, 2]], { samples: members * count });
    const average = (length: number, f: (i: number) => number): number =>
      Array.from({ length }, (_, i) => f(i)).reduce((sum, value) => sum + value, 0) / length;
    for (let member = 0; member < members; member++) {
      /** The part of a variable that is of this member. */
      const of = (name: string): Float32Array => {
        const all = posterior.variables.get(name)!;
        const size = all.length / members;
        return all.slice(member * size, (member + 1) * size);
      };
      /** w x of a kernel [2, 2] and bias [2], for x = (1, 2). */
      const outputs = (kernel: Float32Array, bias: Float32Array): number[] =>
        [0, 1].map((unit) => kernel[unit]! + 2 * kernel[2 + unit]! + bias[unit]!);
      const means = outputs(of('kernel.mean'), of('bias.mean'));
      const [kernels, biases] = [of('kernel.deviations'), of('bias.deviations')];
      const along = Array.from({ length: rank }, (_, row) =>
        outputs(kernels.slice(4 * row), biases.slice(2 * row)),
      );
      const squared = (name: string): Float32Array => of(`${name}.std`).map((std) => std ** 2);
      const [k, b] = [squared('kernel'), squared('bias')];
      const diagonal = [0, 1].map((unit) => k[unit]! + 4 * k[2 + unit]! + b[unit]!);
      // scale 2: twice half of it
      const covariance = [0, 1].map((i) =>
        [0, 1].map(
          (j) => along.reduce((sum, row) => sum + row[i]! * row[j]!, 0) + (i === j ? diagonal[i]! : 0),
        ),
      );
      const draw = (n: number, unit: number): number => samples[2 * (members * n + member) + unit]!;
      const got = [0, 1].map((unit) => average(count, (n) => draw(n, unit)));
      for (const [i, j] of [
        [0, 0],
        [0, 1],
        [1, 1],
      ] as const) {
        // prettier-ignore
        const unit = Math.sqrt(covariance[i]![i]! * covariance[j]![j]!);
        const found = average(count, (n) => (draw(n, i) - got[i]!) * (draw(n, j) - got[j]!));
        assert.ok(Math.abs(got[i]! - means[i]!) < 0.05 * Math.sqrt(covariance[i]![i]!), `mean ${got[i]}`);
        const off = Math.abs(found - covariance[i]![j]!) / unit;
        assert.ok(off < 0.1, `member ${member}, covariance ${i}, ${j}: off by ${off}`);
      }
    }
  });

  it('learns the same on any mesh', async () => {
    const method = swag({ rank: 3, members: 3 });
    const want = await fitClouds({ ...settings, method }).done;
    assert.deepEqual(want.variables.get(`${kernel}.deviations`)!.shape, [3, 3, 2, 4]);
    for (const strategy of [
      { sample: 2, data: 1 },
      { sample: 3, data: 1 },
      { sample: 2, data: 2 },
    ]) {
      const got = await fitClouds({ ...settings, method, strategy, devices: 'all' }).done;
      for (const [name, values] of want.variables) {
        assertClose(got.variables.get(name)!, Array.from(values), 1e-5, name);
      }
    }
  });

  it('predicts by draws of all members in turn: of each as if it were alone', async () => {
    const several = await fitClouds({ ...settings, method: swag({ members: 3, rank: 3 }) }).done;
    const alone = await fitClouds(settings).done;
    for (const [name, values] of alone.variables) {
      assertClose(several.variables.get(name)!.slice(0, values.length), [...values], 1e-4, name);
    }
    const { x, y } = clouds.train;
    const { samples, mean } = several.predict(x, { samples: 48 });
    assert.ok(accuracy(mean, y) > 0.9);
    // draws 0, 3, 6, ... are around the first member's mean: nearer to what it predicts than draws of the others are
    const of = (draw: number): Float32Array => samples.subarray(120 * draw, 120 * (draw + 1));
    const distance = (a: Float32Array, b: Float32Array): number =>
      a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0);
    const averages = [0, 1, 2].map((member) =>
      Float32Array.from({ length: 120 }, (_, i) => {
        let sum = 0;
        for (let draw = member; draw < 48; draw += 3) sum += of(draw)[i]!;
        return sum / 16;
      }),
    );
    for (let draw = 0; draw < 48; draw++) {
      const distances = averages.map((each) => distance(of(draw), each));
      assert.equal(distances.indexOf(Math.min(...distances)), draw % 3, `draw ${draw}`);
    }
    assert.notDeepEqual([...of(0)], [...of(3)]);
  });

  it('predicts by the present weights before it has kept any', async () => {
    const run = fitClouds({ ...settings, method: swag({ from: 0.9 }), epochs: 1e5 });
    const posterior = await run.snapshot();
    run.stop();
    await run.done;
    assert.ok(posterior.variables.get(`${kernel}.std`)!.every((std) => std === 0));
    assert.equal(posterior.predict(clouds.train.x).samples.shape[0], 1);
  });

  it('averages what is not Bayesian, and needs something that is', async () => {
    const model = sequential([
      dense({ units: 4, activation: 'tanh', bayesian: false }),
      dense({ units: 2, bias: false }),
    ]);
    const given = { ...options(), likelihood: clouds.likelihood, optimizer, epochs: 16 };
    const { variables } = await fit(model, clouds.train, { ...given, method: swag() }).done;
    const iterates: NdArray[] = [];
    for (let epochs = 12; epochs <= 16; epochs++) {
      const { done } = fit(model, clouds.train, { ...given, method: map(), epochs });
      iterates.push((await done).variables.get(kernel)!);
    }
    assertClose(variables.get(kernel)!, [...momentsOf(iterates).mean], 1e-5, 'mean');
    const plain = dense({ units: 2, bayesian: false });
    refuses(
      () => fit(plain, clouds.train, { likelihood: clouds.likelihood, method: swag() }),
      'E_OPTION',
      /swag: the model has no Bayesian parameters/,
    );
  });

  it('says what it cannot do, and names its settings', () => {
    refuses(
      () => fitClouds({ method: swag(), epochs: 2 }),
      'E_OPTION',
      /step 5 of 6 on, every 3: that is once/,
    );
    refuses(() => swag({ from: 1 }), 'E_OPTION', /swag: option 'from'/);
    refuses(() => swag({ rank: 1 }), 'E_OPTION', /swag: option 'rank' must be a whole number of at least 2/);
    assert.equal(
      swag().name,
      'swag (1 members, from 0.75, every 1 epochs, rank 20, scale 1, prior N(0, 1²))',
    );
  });
});
