import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { typeAttribute } from '../../../lib/engine/native/attributes';
import { devices } from '../../../lib/engine/tfjs/backend';
import { Context, type Handle } from '../../../lib/engine/native/context';
import { cudaDevices } from '../../../lib/engine/native/cuda';
import { DataType } from '../../../lib/engine/native/dtype';
import { tensorflow } from '../../../lib/engine/tfjs/tensorflow';
import { trace } from '../../../lib/engine/compile/trace';

const { float32 } = DataType;

describe('engine: devices', () => {
  it('are listed with what a person calls them, GPUs first', () => {
    const found = devices();
    const gpus = found.filter(({ type }) => type === 'GPU');
    assert.deepEqual(found.slice(0, gpus.length), gpus);
    const [cpu] = found.slice(gpus.length);
    assert.match(cpu!.name, /device:CPU:0$/);
    assert.ok(cpu!.model.length > 1 && cpu!.model === cpu!.model.trim());
    // TensorFlow itself says 256 MB for whatever there is
    assert.ok(cpu!.memory > 2 ** 28 && cpu!.memory <= 2 ** 50, `${cpu!.memory} bytes`);
    assert.equal(cpu!.computeCapability, undefined);
    for (const { name, memory, model, computeCapability } of gpus) {
      assert.match(name, /device:GPU:\d+$/);
      assert.ok(memory > 0 && model.length > 1);
      assert.match(computeCapability!, /^\d+\.\d$/);
    }
    assert.ok(cudaDevices().length >= gpus.length);
  });

  describe('of which there are two', () => {
    let context: Context;
    before(() => (context = new Context({ virtualDevices: 2, cpu: 1 })));
    after(() => context.dispose());

    it('have names, and the context has the one that was asked for', () => {
      const names = context.devices.filter(({ type }) => type === 'CPU').map(({ name }) => name);
      assert.deepEqual(
        names.map((name) => name.replace(/.*device:/, '')),
        ['CPU:0', 'CPU:1'],
      );
      assert.equal(context.device.name, names[1]);
    });

    it('run what they are told to: operations', () => {
      const first = new Context({ virtualDevices: 2 });
      for (const [each, device] of [
        [first, /device:CPU:0$/],
        [context, /device:CPU:1$/],
      ] as const) {
        const x = each.tensor(float32, [2], Float32Array.of(3, 4));
        const [y] = each.execute('Neg', [typeAttribute('T', float32)], [x], 1) as [Handle];
        assert.match(each.deviceOf(y), device);
        assert.deepEqual(Array.from(each.read(y) as Float32Array), [-3, -4]);
        each.free(x);
        each.free(y);
      }
      first.dispose();
    });

    for (const xla of [false, true]) {
      it(`run what they are told to: functions compiled ${xla ? 'with XLA' : 'elsewhere'}`, () => {
        tensorflow();
        const fn = trace((x) => tf.mul(tf.exp(x), 2), [{ shape: [3], dtype: 'float32' }], { xla });
        context.load(fn.definitions);
        const x = context.tensor(float32, [3], new Float32Array(3));
        const [y] = context.execute(fn.name, fn.attributes, [x], 1) as [Handle];
        assert.match(context.deviceOf(y), /device:CPU:1$/);
        assert.deepEqual(Array.from(context.read(y) as Float32Array), [2, 2, 2]);
        context.free(x);
        context.free(y);
      });
    }

    it('are refused where there is none of that number', () => {
      assert.throws(() => new Context({ virtualDevices: 2, cpu: 2 }), {
        code: 'E_ENGINE',
        message: 'there is no CPU 2: TensorFlow sees 2 CPUs',
      });
    });
  });
});
