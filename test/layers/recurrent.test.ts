import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { backend } from '../../lib/engine/tfjs/backend';
import { gru, lstm, type RecurrentOptions } from '../../lib/layers';
import { golden, type Golden } from '../golden';
import { refuses } from '../refuses';
import { applied, assertGolden, assertNear, assertSamplesApart, noise, parametersOf } from './evaluate';

type Inputs = Readonly<Record<string, Golden>>;
type Expected = Readonly<Record<string, Golden>>;

const layers = { lstm, gru };
const one = (list: unknown): tf.Tensor => tf.expandDims(tf.tensor(list as number[]), 0);

describe('layers: recurrent', () => {
  before(() => {
    backend();
  });

  for (const kind of ['lstm', 'gru'] as const) {
    for (const { name, inputs, expected, tolerance_f32 } of golden<Inputs, Expected>('recurrent', kind)) {
      it(`recurrent.json ${name}: output and all gradients`, () => {
        const { grad_output, ...rest } = inputs;
        const tensors = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, one(value)]));
        const layer = layers[kind]({ units: 2, returnSequences: name.endsWith('sequence') });
        const { parameters } = layer.build([5, 3]);
        assert.deepEqual(
          parameters.map(({ name }) => name),
          Object.keys(tensors).slice(1),
        );
        const fn = applied(layer, [5, 3]);
        assertGolden(fn, tensors, { dy: one(grad_output), expected, tolerance: tolerance_f32 });
      });
    }

    it(`${kind} treats samples apart`, () => {
      for (const samples of [
        [3, 3],
        [1, 3],
        [3, 1],
      ] as const) {
        assertSamplesApart(layers[kind]({ units: 3, returnSequences: true }), [4, 2], samples);
      }
      assertSamplesApart(layers[kind]({ units: 3, bias: false }), [4, 2], [1, 2]);
    });

    it(`${kind} may share some weights among samples, and not others`, () => {
      const layer = layers[kind]({ units: 3, returnSequences: true });
      const values = parametersOf(layer, [4, 2], 2);
      const x = noise(1, [1, 2, 4, 2]);
      for (const shared of ['kernel', 'recurrentKernel']) {
        const few = { ...values, [shared]: tf.slice(values[shared]!, 0, 1) };
        const all = { ...values, [shared]: tf.tile(few[shared]!, [2, 1, 1]) };
        const fn = applied(layer, [4, 2]);
        assertNear(fn({ x, ...few }), fn({ x, ...all }), 1e-6, shared);
      }
    });

    it(`${kind} gives the last step, or all of them`, () => {
      const values = parametersOf(layers[kind]({ units: 3 }), [4, 2], 2);
      const x = noise(1, [1, 5, 4, 2]);
      const last = applied(layers[kind]({ units: 3 }), [4, 2])({ x, ...values });
      const all = applied(layers[kind]({ units: 3, returnSequences: true }), [4, 2])({ x, ...values });
      assert.deepEqual(all.shape, [2, 5, 4, 3]);
      assertNear(tf.squeeze(tf.slice(all, [0, 0, 3], [2, 5, 1]), [2]), last, 0, 'last');
    });

    it(`${kind} draws its weights once for all steps, whatever the estimator`, () => {
      const values = parametersOf(layers[kind]({ units: 3 }), [4, 2], 2);
      const drawn: string[] = [];
      const { apply } = layers[kind]({ units: 3 }).build([4, 2]);
      const refuse = (): never => assert.fail('estimators may not touch a recurrent map');
      const draw = {
        value: (name: string) => (drawn.push(name), values[name]!),
        linear: refuse,
        noise: refuse,
        moving: refuse,
        part: refuse,
      };
      apply(draw, noise(1, [1, 2, 4, 2]));
      assert.deepEqual(drawn.sort(), Object.keys(values).sort());
    });
  }

  it('declares parameters as PyTorch does: uniform in 1/sqrt(units)', () => {
    const told = lstm({ units: 4, bayesian: false }).build([7, 3]);
    assert.deepEqual(told.outputShape, [4]);
    assert.deepEqual(told.parameters, [
      { name: 'kernel', shape: [3, 16], bayesian: false, fanIn: 4, initial: 'uniform' },
      { name: 'recurrentKernel', shape: [4, 16], bayesian: false, fanIn: 4, initial: 'uniform' },
      { name: 'bias', shape: [16], bayesian: false, fanIn: 4, initial: 'uniform' },
    ]);
    assert.deepEqual(gru({ units: 4, returnSequences: true }).build([7, 3]).outputShape, [7, 4]);
  });

  it('refuses what it cannot take, and says why', () => {
    refuses(
      () => lstm({ units: 3 }).build([8]),
      'E_SHAPE',
      /^layers\.lstm needs sequences .* got \[8\]: give data of shape \[N, steps, features\]/,
    );
    refuses(() => gru({ units: 3 }).build([8, 8, 3]), 'E_SHAPE', /^layers\.gru needs sequences/);
    refuses(() => gru({ units: 0 }), 'E_OPTION', /^layers\.gru: option 'units' must be/);
    refuses(
      () => lstm({ unit: 3 } as unknown as RecurrentOptions),
      'E_OPTION',
      /unknown option 'unit'. Did you mean 'units'/,
    );
  });
});
