import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { tensorflow } from '../../lib/engine/tfjs/tensorflow';
import { activation, dense, flatten, type Layer, lstm } from '../../lib/layers';
import { sequential } from '../../lib/layers/sequential';
import { assertClose } from '../golden';
import { drawOf } from './draw';

describe('layers: sequential', () => {
  before(() => {
    tensorflow();
  });
  const names = (layer: Layer, inputShape: number[]): string[] =>
    layer.build(inputShape).parameters.map(({ name }) => name);

  it('names parameters by place and layer, also when nested', () => {
    const block = sequential([dense({ units: 3 }), activation('tanh')]);
    assert.deepEqual(names(sequential([flatten(), block, dense({ units: 2, bias: false })]), [2, 2]), [
      '1.sequential.0.dense.kernel',
      '1.sequential.0.dense.bias',
      '2.dense.kernel',
    ]);
  });

  it('hands the shape on', () => {
    const model = sequential([flatten(), dense({ units: 5 }), activation('relu'), dense({ units: 3 })]);
    const { parameters, outputShape } = model.build([4, 4, 2]);
    assert.deepEqual(outputShape, [3]);
    assert.deepEqual(
      parameters.map(({ shape }) => shape),
      [[32, 5], [5], [5, 3], [3]],
    );
  });

  it('applies its layers in order, each with its own parameters', () => {
    const model = sequential([
      dense({ units: 1, bias: false }),
      activation('relu'),
      dense({ units: 1, bias: false }),
    ]);
    const values = new Map([
      ['0.dense.kernel', tf.tensor3d([[[2]], [[-2]]])],
      ['2.dense.kernel', tf.tensor3d([[[10]], [[100]]])],
    ]);
    const output = model.build([1]).apply(drawOf(values), tf.tensor3d([[[1], [-3]]]));
    assert.deepEqual(output.shape, [2, 2, 1]);
    assertClose(output.dataSync(), [20, 0, 0, 600], 0);
  });

  it('says which layer cannot take what comes', () => {
    assert.throws(() => sequential([flatten(), dense({ units: 3 }), lstm({ units: 2 })]).build([8, 8]), {
      code: 'E_SHAPE',
      message: /^layers.lstm needs sequences .* got \[3\]/,
    });
  });

  it('refuses what is no list of layers', () => {
    for (const layers of [[], undefined, flatten()]) {
      assert.throws(() => sequential(layers as Layer[]), {
        code: 'E_OPTION',
        message: 'sequential needs a list of at least one layer',
      });
    }
    for (const wrong of [flatten, undefined, 'dense']) {
      assert.throws(() => sequential([dense({ units: 1 }), wrong as unknown as Layer]), {
        code: 'E_OPTION',
        message: /sequential: entry 1 is not a layer. Did you forget to call it/,
      });
    }
  });
});
