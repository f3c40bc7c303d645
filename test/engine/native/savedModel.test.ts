import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { pythonExecutable } from '../../../lib/environment';
import { tensorflow } from '../../../lib/engine/tfjs/tensorflow';

/** A module with a variable, and a function of two tensors that gives two. */
const program = `
import sys
import tensorflow as tf

class Model(tf.Module):
    def __init__(self):
        self.weights = tf.Variable([[1.0, 2.0], [3.0, 4.0]])

    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32), tf.TensorSpec([], tf.float32)])
    def predict(self, x, scale):
        return {"product": tf.matmul(x, self.weights) * scale, "rows": tf.shape(x)[0]}

model = Model()
tf.saved_model.save(model, sys.argv[1], signatures={"serving_default": model.predict})
`;

/** The part of tfjs-node that loads such models. */
interface SavedModels {
  loadSavedModel(
    folder: string,
    tags: string[],
    signature: string,
  ): Promise<{ predict(inputs: tf.NamedTensorMap): tf.NamedTensorMap; dispose(): void }>;
}

describe('engine: SavedModels', function () {
  let folder: string;

  before(function () {
    folder = mkdtempSync(path.join(tmpdir(), 'credence-saved-model-'));
    try {
      const env = { ...process.env, CUDA_VISIBLE_DEVICES: '', TF_CPP_MIN_LOG_LEVEL: '3' };
      execFileSync(pythonExecutable(), ['-c', program, folder], { env, stdio: 'ignore' });
    } catch {
      this.skip(); // there is no Python with TensorFlow
    }
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("are loaded and run by tfjs-node's loadSavedModel", async () => {
    const { binding } = tensorflow();
    const { loadSavedModel } = createRequire(__filename)(
      '@tensorflow/tfjs-node-gpu/dist/saved_model',
    ) as SavedModels;
    const model = await loadSavedModel(folder, ['serve'], 'serving_default');
    assert.equal(binding.getNumOfSavedModels(), 1);
    for (const scale of [1, 10]) {
      const inputs = {
        x: tf.tensor2d([
          [1, 1],
          [0, 2],
        ]),
        scale: tf.scalar(scale),
      };
      const { product, rows } = model.predict(inputs);
      assert.deepEqual(product!.arraySync(), [
        [4 * scale, 6 * scale],
        [6 * scale, 8 * scale],
      ]);
      assert.equal(rows!.arraySync(), 2);
    }
    model.dispose();
    assert.equal(binding.getNumOfSavedModels(), 0);
  });

  it('say what is wrong with a call', () => {
    const { binding } = tensorflow();
    const id = binding.loadSavedModel(folder, 'serve');
    const x = binding.createTensor([1, 2], 'float32', [1, 1]);
    const tensors = binding.getNumOfTensors();
    assert.throws(() => binding.runSavedModel(id, [x], 'serving_default_x', 'nothing:0'), {
      code: 'E_ENGINE',
      message: /has no tensor 'nothing:0'/,
    });
    assert.throws(() => binding.runSavedModel(id, [x], 'serving_default_x', 'serving_default_x:7'), {
      code: 'E_ENGINE',
      message: /has no tensor 'serving_default_x:7'/,
    });
    assert.throws(() => binding.runSavedModel(id, [x], 'a,b', 'c'), {
      code: 'E_ENGINE',
      message: /takes 2 tensors \(a, b\), and was given 1/,
    });
    assert.throws(
      () => binding.runSavedModel(id, [x], 'serving_default_x', 'StatefulPartitionedCall'),
      { code: 'E_ENGINE', message: /must feed a value for placeholder/ }, // the scale
    );
    assert.equal(binding.getNumOfTensors(), tensors);
    binding.deleteSavedModel(id);
    for (const use of [
      () => binding.deleteSavedModel(id),
      () => binding.runSavedModel(id, [x], 'serving_default_x', 'StatefulPartitionedCall'),
    ]) {
      assert.throws(use, { code: 'E_DISPOSED', message: 'this SavedModel was disposed' });
    }
    binding.deleteTensor(x);
  });
});

describe('engine: SavedModels that are not there', () => {
  it('are refused with their folder and tags', () => {
    const { binding } = tensorflow();
    assert.throws(() => binding.loadSavedModel('/no/such/folder', 'serve'), {
      code: 'E_FILE',
      message: /the SavedModel in \/no\/such\/folder with the tags 'serve': Could not find SavedModel/,
    });
    assert.equal(binding.getNumOfSavedModels(), 0);
  });
});
