/** What the machine can do at most: products of large float32 matrices through Credence's engine, as a contender. */
import { parseArgs } from 'node:util';
import { boolAttribute, typeAttribute } from '../lib/engine/native/attributes';
import { Context } from '../lib/engine/native/context';
import { DataType } from '../lib/engine/native/dtype';
import { PEAK_SIDE as SIDE } from './flops';
import { type Contestant, cpuMs, serve } from './wire';

function build(context: Context): Contestant {
  const ones = context.tensor(DataType.float32, [SIDE, SIDE], new Float32Array(SIDE * SIDE).fill(1));
  const attributes = [
    typeAttribute('T', DataType.float32),
    boolAttribute('transpose_a', false),
    boolAttribute('transpose_b', false),
  ];
  const run = (steps: number) => {
    const [wall, cpu] = [performance.now(), cpuMs()];
    for (let i = 0; i < steps; i++) {
      const [product] = context.execute('MatMul', attributes, [ones, ones], 1);
      if (i === steps - 1) context.read(product!); // a GPU computes until here
      context.free(product!);
    }
    return { steps, wallMs: performance.now() - wall, cpuMs: cpuMs() - cpu, loss: 0 };
  };
  const { wallMs } = run(1);
  return {
    ready: { firstCallSeconds: wallMs / 1000, loss: 0, versions: {} },
    run: (steps) => Promise.resolve(run(steps)),
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    allowPositionals: true,
    options: { threads: { type: 'string', default: '1' }, device: { type: 'string', default: 'cpu' } },
  });
  const gpu = values.device === 'gpu' ? 0 : undefined;
  const context = new Context({ gpu, threads: Number(values.threads) });
  await serve(() => Promise.resolve(build(context)));
}

void main();
