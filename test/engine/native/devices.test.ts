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

  describe('that the processor plays', () => {
    const wanted = process.env['CREDENCE_VIRTUAL_GPUS'];
    const set = (value: string | undefined): void => {
      if (value === undefined) delete process.env['CREDENCE_VIRTUAL_GPUS'];
      else process.env['CREDENCE_VIRTUAL_GPUS'] = value;
    };
    let first: Context;
    let second: Context;
    before(() => {
      set('2');
      first = new Context({ gpu: 0 });
      second = new Context({ gpu: 1 }, first);
    });
    after(() => {
      first.dispose();
      second.dispose();
      set(wanted);
    });

    it('have names, and a context has the one that was asked for', () => {
      const gpus = first.devices.filter(({ type }) => type === 'GPU').map(({ name }) => name);
      assert.deepEqual(
        gpus.map((name) => name.replace(/.*device:/, '')),
        ['CPU:1', 'CPU:2'],
      );
      assert.deepEqual([first.device.name, second.device.name], gpus);
      assert.match(first.device.model, /^virtual GPU/);
    });

    it('run what they are told to: operations', () => {
      for (const [each, device] of [
        [first, /device:CPU:1$/],
        [second, /device:CPU:2$/],
      ] as const) {
        const x = each.tensor(float32, [2], Float32Array.of(3, 4));
        const [y] = each.execute('Neg', [typeAttribute('T', float32)], [x], 1) as [Handle];
        assert.match(each.deviceOf(y), device);
        assert.deepEqual(Array.from(each.read(y) as Float32Array), [-3, -4]);
        each.free(x);
        each.free(y);
      }
    });

    for (const xla of [false, true]) {
      it(`run what they are told to: functions compiled ${xla ? 'with XLA' : 'elsewhere'}`, () => {
        tensorflow();
        const fn = trace((x) => tf.mul(tf.exp(x), 2), [{ shape: [3], dtype: 'float32' }], { xla });
        for (const [each, device] of [
          [first, /device:CPU:1$/],
          [second, /device:CPU:2$/],
        ] as const) {
          each.load(fn.definitions);
          const x = each.tensor(float32, [3], new Float32Array(3));
          const [y] = each.execute(fn.name, fn.attributes, [x], 1) as [Handle];
          assert.match(each.deviceOf(y), device);
          assert.deepEqual(Array.from(each.read(y) as Float32Array), [2, 2, 2]);
          each.free(x);
          each.free(y);
        }
      });
    }

    it('do not see memory of JavaScript: they are sent copies', () => {
      const values = Float32Array.of(1, 2);
      const sent = first.share(float32, [2], values);
      values[0] = 3;
      assert.equal(first.sharesMemory, false);
      assert.deepEqual(Array.from(first.read(sent) as Float32Array), [1, 2]);
      first.free(sent);
    });

    it('give each other copies of tensors, which outlive what they are copies of', () => {
      const x = first.tensor(float32, [2], Float32Array.of(5, 6));
      const copy = second.copyOf(first.pointerOf(x));
      first.free(x);
      assert.match(second.deviceOf(copy), /device:CPU:2$/);
      assert.deepEqual(Array.from(second.read(copy) as Float32Array), [5, 6]);
      second.free(copy);
    });

    it('stay as long as one of the contexts on them', () => {
      const one = new Context({ gpu: 0 });
      const other = new Context({ gpu: 1 }, one);
      one.dispose();
      const x = other.tensor(float32, [1], Float32Array.of(7));
      assert.deepEqual(Array.from(other.read(x) as Float32Array), [7]);
      other.dispose();
    });

    it('are refused where there is none of that number', () => {
      const missing = { code: 'E_ENGINE', message: 'there is no GPU 2: TensorFlow sees 2 GPUs' };
      assert.throws(() => new Context({ gpu: 2 }), missing);
      assert.throws(() => new Context({ gpu: 2 }, first), missing);
    });

    for (const value of ['two', '-1', '1.5', '65']) {
      it(`are a whole number: ${value} is refused`, () => {
        set(value);
        try {
          assert.throws(() => new Context(), { code: 'E_OPTION', message: /CREDENCE_VIRTUAL_GPUS must be/ });
        } finally {
          set('2');
        }
      });
    }
  });
});
