import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { jit } from '../../../lib/engine/compile/jit';
import { isTracing, trace, type TensorFunction } from '../../../lib/engine/compile/trace';
import { tensorflow } from '../../../lib/engine/tfjs/tensorflow';
import { assertClose } from '../../golden';

const vector = (...values: number[]): tf.Tensor1D => tf.tensor1d(values);
const spec = (...shape: number[]) => ({ shape, dtype: 'float32' as const });

/** A function, and how often it was traced. */
function counted<A extends tf.Tensor[], R>(
  fn: (...args: A) => R,
): { fn: (...args: A) => R; traces: () => number } {
  let traces = 0;
  const observed = (...args: A): R => {
    traces++;
    return fn(...args);
  };
  return { fn: observed, traces: () => traces };
}

const TASKS = '/proc/self/task';

/** How often TensorFlow's own threads have waited for something to do. */
function waitsOfOtherThreads(): number {
  const waits = readdirSync(TASKS).map((task) => {
    if (!readFileSync(`${TASKS}/${task}/comm`, 'latin1').startsWith('tf_')) return 0;
    const status = readFileSync(`${TASKS}/${task}/status`, 'latin1');
    return Number(/^voluntary_ctxt_switches:\s+(\d+)$/m.exec(status)![1]);
  });
  return waits.reduce((a, b) => a + b, 0);
}

describe('engine: jit', () => {
  before(() => {
    tensorflow();
  });

  for (const xla of [false, true, 'never'] as const) {
    describe(`with xla: ${xla}`, () => {
      it('computes what the function computes', () => {
        const model = (x: tf.Tensor, w: tf.Tensor): tf.Tensor => tf.softmax(tf.tanh(tf.matMul(x, w)));
        const [x, w] = [
          tf.tensor2d([[1, -2]]),
          tf.tensor2d([
            [0.5, 1, -1],
            [2, 0, 1],
          ]),
        ];
        assertClose(jit(model, { xla })(x, w).dataSync(), Array.from(model(x, w).dataSync()), 1e-6);
      });

      it('returns a list where the function returns one', () => {
        const both = jit((x: tf.Tensor) => [tf.neg(x), tf.sum(x)], { xla });
        const [negated, sum] = both(vector(1, 2)) as [tf.Tensor, tf.Tensor];
        assert.deepEqual(Array.from(negated.dataSync()), [-1, -2]);
        assert.deepEqual([sum.shape, sum.dataSync()[0]], [[], 3]);
      });

      it('traces once per shape and type', () => {
        const { fn, traces } = counted((x: tf.Tensor) => tf.add(x, x));
        const double = jit(fn, { xla });
        for (let i = 0; i < 3; i++) assert.deepEqual(Array.from(double(vector(i)).dataSync()), [2 * i]);
        assert.equal(traces(), 1);
        assert.deepEqual(Array.from(double(vector(1, 2)).dataSync()), [2, 4]);
        assert.equal(traces(), 2);
        assert.deepEqual(double(tf.tensor1d([3], 'int32')).dataSync(), Int32Array.of(6));
        assert.equal(traces(), 3);
      });

      it('compiles gradients', () => {
        const slope = jit((x: tf.Tensor) => tf.grad((y: tf.Tensor) => tf.sum(tf.square(tf.sin(y))))(x), {
          xla,
        });
        const x = [0.3, -1, 2];
        assertClose(
          slope(vector(...x)).dataSync(),
          x.map((v) => Math.sin(2 * v)),
          1e-6,
        );
      });

      it('may be called inside another compiled function', () => {
        const inner = jit((x: tf.Tensor) => tf.exp(tf.neg(tf.square(x))), { xla: true });
        const outer = jit((x: tf.Tensor) => tf.add(inner(x), inner(tf.mul(x, 2))), { xla });
        assertClose(outer(vector(0.5)).dataSync(), [Math.exp(-0.25) + Math.exp(-1)], 1e-6);
      });
    });
  }

  it('is differentiable through a custom gradient that is compiled itself', () => {
    const cube = jit((x: tf.Tensor) => tf.pow(x, 3), { xla: true });
    const slope = jit((dy: tf.Tensor, x: tf.Tensor) => tf.mul(dy, tf.mul(tf.square(x), 3)), { xla: true });
    const smooth = tf.customGrad((...args) => {
      const [x, save] = args as unknown as [tf.Tensor, tf.GradSaveFunc];
      save([x]);
      return { value: cube(x), gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => slope(dy, saved[0]!) };
    });
    const gradient = jit((x: tf.Tensor) => tf.grad((y: tf.Tensor) => tf.sum(smooth(y)))(x));
    assertClose(gradient(vector(1, -2)).dataSync(), [3, 12], 1e-6);
  });

  it('makes tensors from outside constants of the function', () => {
    const table = vector(10, 20);
    const add = jit((x: tf.Tensor) => tf.add(x, table));
    assert.deepEqual(Array.from(add(vector(1, 2)).dataSync()), [11, 22]);
    table.dispose();
    assert.deepEqual(Array.from(add(vector(1, 2)).dataSync()), [11, 22]);
  });

  it('keeps a large constant of equal values apart from one of others', () => {
    const zeros = jit((x: tf.Tensor) => tf.add(x, tf.zeros([4, 10])));
    const ramp = jit((x: tf.Tensor) => tf.add(x, tf.reshape(tf.range(0, 40), [4, 10])));
    assertClose(tf.sum(zeros(tf.ones([4, 10]))).dataSync(), [40], 0);
    assertClose(tf.sum(ramp(tf.ones([4, 10]))).dataSync(), [40 + 780], 0);
  });

  it("leaves XLA out of the functions inside functions, too, with xla: 'never'", () => {
    const inner = jit((x: tf.Tensor) => tf.tanh(x), { xla: true });
    const middle = jit((x: tf.Tensor) => tf.neg(inner(x)));
    middle(vector(1));
    const text = (xla: boolean | 'never'): string => {
      const { definitions } = trace((x) => middle(x), [spec(1)], { xla });
      assert.equal(definitions.length, 3);
      return definitions.map(({ bytes }) => Buffer.from(bytes).toString('latin1')).join();
    };
    assert.match(text(false), /XlaMustCompile/);
    assert.doesNotMatch(text('never'), /XlaMustCompile/);
  });

  it('computes on the thread that calls', function () {
    if (process.platform !== 'linux') this.skip();
    const calls = 200;
    const f = jit((x: tf.Tensor, w: tf.Tensor) => tf.relu(tf.matMul(x, w)));
    const [x, w] = [tf.ones([4, 3]), tf.ones([3, 2])];
    tf.dispose(f(x, w)); // compiled
    const before = waitsOfOtherThreads();
    for (let i = 0; i < calls; i++) tf.dispose(f(x, w));
    assert.ok(waitsOfOtherThreads() - before < calls / 10);
  });

  it('leaves no tensor behind', () => {
    const { binding } = tensorflow();
    const step = jit((x: tf.Tensor) => tf.mul(tf.add(x, tf.ones(x.shape)), tf.scalar(2)));
    const [short, long] = [tf.neg(vector(1, 2, 3)), tf.neg(tf.ones([70]))];
    const before = binding.getNumOfTensors();
    for (let i = 0; i < 10; i++) [short, long].forEach((x) => step(x).dispose());
    assert.equal(binding.getNumOfTensors(), before);
  });
});

describe('engine: tracing', () => {
  before(() => {
    tensorflow();
  });

  const aValueWasRead =
    /a value was read while its function was being compiled.*Return the tensor and read it outside/;
  const refused: [what: string, fn: (x: tf.Tensor) => tf.Tensor, message: RegExp][] = [
    ['dataSync', (x) => tf.scalar(x.dataSync()[0]!), aValueWasRead],
    ['arraySync', (x) => tf.tensor(x.arraySync()), aValueWasRead],
    ['print', (x) => (x.print(), x), aValueWasRead],
    ['comparisons in JavaScript', (x) => ((x as unknown as number) > 0 ? x : tf.neg(x)), aValueWasRead],
    [
      'tf.randomNormal',
      (x) => tf.add(x, tf.randomNormal([3])),
      /random numbers were drawn in JavaScript.*Pass them as an argument/,
    ],
    ['tf.dropout', (x) => tf.dropout(x, 0.5), /random numbers were drawn in JavaScript/],
    ['Math.random', (x) => tf.mul(x, Math.random()), /random numbers were drawn in JavaScript/],
    [
      'shapes that depend on values',
      (x) => tf.unique(x).values,
      /the shape that \w+ returns depends on values.*call it outside.*tf\.where/,
    ],
    [
      'a result that is no tensor',
      () => 3 as unknown as tf.Tensor,
      /must return a tensor or a list of tensors/,
    ],
  ];
  for (const [what, fn, message] of refused) {
    it(`refuses ${what}`, () => {
      const jitted = jit(fn);
      for (const compile of [() => trace(fn, [spec(3)]), () => jitted(vector(1, 2, 3))])
        assert.throws(compile, { name: 'CredenceError', code: 'E_TRACE', message });
      assert.equal(isTracing(), false);
      assert.doesNotThrow(() => Math.random());
      assert.deepEqual(Array.from(tf.add(1, 2).dataSync()), [3], 'the engine goes on');
    });
  }

  it('refuses asynchronous functions, also what they read', async () => {
    let reading: Promise<unknown> | undefined;
    const wait = jit(async function later(x: tf.Tensor) {
      await (reading = x.data());
      return x;
    } as unknown as TensorFunction);
    assert.throws(() => wait(vector(1)), {
      code: 'E_TRACE',
      message: /function 'later' must return a tensor .* returned a promise: .* do what it waits for outside/,
    });
    await assert.rejects(reading!, { code: 'E_TRACE', message: aValueWasRead });
  });

  it('names what is no tensor among results and arguments', () => {
    const nothing = jit(function forget() {
      return undefined;
    } as unknown as TensorFunction);
    assert.throws(() => nothing(), { code: 'E_TRACE', message: /function 'forget' .* returned undefined/ });
    const add = jit((x: tf.Tensor, y: tf.Tensor) => tf.add(x, y));
    assert.throws(() => add(vector(1), 2 as unknown as tf.Tensor), {
      code: 'E_TRACE',
      message: /argument 2 of the function must be a tensor, got 2: .*tf\.scalar/,
    });
    assert.throws(() => jit((x: tf.Tensor) => x, { xla: 'yes' as unknown as boolean }), {
      code: 'E_OPTION',
      message: /jit: option 'xla' must be true, false or 'never'/,
    });
  });

  it('refuses a tensor of another traced function', () => {
    let leaked: tf.Tensor | undefined;
    trace((x) => (leaked = tf.keep(tf.neg(x))), [spec(2)]);
    assert.throws(() => trace((x) => tf.add(x, leaked!), [spec(2)]), {
      code: 'E_TRACE',
      message: /another compiled function/,
    });
    assert.throws(() => leaked!.dataSync(), { code: 'E_TRACE' });
  });

  it('passes on what the function throws', () => {
    assert.throws(
      () =>
        trace(() => {
          throw new RangeError('mine');
        }, []),
      RangeError,
    );
    assert.equal(isTracing(), false);
  });

  it('gives equal functions equal names, others other names', () => {
    const affine = (factor: number) => trace((x) => tf.add(tf.mul(x, factor), 1), [spec(3)]).name;
    assert.equal(affine(2), affine(2));
    const names = [
      affine(2),
      affine(3),
      trace((x) => tf.add(tf.mul(x, 2), 1), [spec(4)]).name,
      trace((x) => tf.add(1, tf.mul(x, 2)), [spec(3)]).name,
      trace((x) => tf.add(tf.mul(x, 2), 1), [spec(3)], { xla: true }).name,
      trace((x) => tf.add(tf.mul(x, 2), 1), [spec(3)], { xla: 'never' }).name,
      trace((x) => [tf.add(tf.mul(x, 2), 1), x], [spec(3)]).name,
    ];
    assert.equal(new Set(names).size, names.length);
  });

  it('tells constants apart by type, shape and every value', () => {
    const withConstant = (constant: tf.Tensor): string =>
      trace((x) => tf.add(tf.sum(x), tf.sum(tf.cast(constant, 'float32'))), [spec(2)]).name;
    const long = (last: number): tf.Tensor => tf.tensor1d([...new Array<number>(99).fill(0), last]);
    const names = [
      long(0),
      long(1),
      tf.reshape(long(1), [10, 10]),
      tf.cast(long(1), 'int32'),
      tf.zeros([101]),
      tf.ones([100]),
    ].map(withConstant);
    assert.equal(new Set(names).size, names.length);
  });

  it('lists nested definitions before those that call them, each once', () => {
    const inner = jit((x: tf.Tensor) => tf.tanh(x), { xla: true });
    const middle = jit((x: tf.Tensor) => tf.add(inner(x), inner(tf.neg(x))));
    const { name, definitions } = trace((x) => tf.mul(middle(x), inner(x)), [spec(3)]);
    assert.equal(definitions.length, 3);
    assert.equal(new Set(definitions.map((definition) => definition.name)).size, 3);
    assert.equal(definitions.at(-1)!.name, name);
    // two levels deep, first called from the outside
    const outer = jit((x: tf.Tensor) => tf.neg(middle(x)));
    assertClose(outer(vector(1, 2)).dataSync(), [0, 0], 1e-6);
  });
});
