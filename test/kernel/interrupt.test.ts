import assert from 'node:assert/strict';
import { dataOf, KernelClient, ofType } from './client';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('interrupts', () => {
  let kernel: KernelClient;
  before(async () => (kernel = await KernelClient.start()));
  after(() => kernel.stop());

  const valueOf = async (code: string) =>
    dataOf(ofType(await kernel.execute(code), 'execute_result')[0])['text/plain'];

  /** Runs a cell, interrupts it after a moment, and returns its answer and how long it took to end. */
  async function interrupted(code: string, interrupt: () => Promise<unknown>) {
    const header = await kernel.send('shell', 'execute_request', { code });
    await kernel.until('the start', () =>
      kernel.published.some(({ parent, content }) => parent.msg_id === header.msg_id && content['text']),
    );
    await pause(200);
    const start = Date.now();
    await interrupt();
    const answer = await kernel.answer(header);
    return { ...answer, took: Date.now() - start };
  }

  const byMessage = () => kernel.request('control', 'interrupt_request', {});
  const bySignal = () => Promise.resolve(kernel.process.kill('SIGINT'));

  const situations: [name: string, code: string][] = [
    ['a synchronous loop', `const before = 'kept'; console.log('start'); for (;;) {}`],
    ['a cell that awaits', `const before = 'kept'; console.log('start'); await new Promise(() => {})`],
    [
      'a loop after an await',
      `const before = 'kept'; await new Promise((resolve) => setTimeout(resolve, 10)); console.log('start'); for (;;) {}`,
    ],
  ];
  for (const [way, interrupt] of [
    ['message', byMessage],
    ['signal', bySignal],
  ] as const) {
    for (const [name, code] of situations) {
      it(`end ${name}, by ${way}, and keep its names`, async () => {
        await kernel.execute(`var before = 'lost'`);
        const { reply, took } = await interrupted(code, interrupt);
        assert.equal(reply.content['ename'], 'Interrupted');
        assert.ok(took < 2500, `${took} ms`);
        assert.equal(await valueOf('before'), "'kept'");
      });
    }
  }

  it('end a loop in a timer, and the kernel goes on', async () => {
    await kernel.execute(`setTimeout(() => { for (;;) {} }, 50)`);
    await pause(200);
    await byMessage();
    assert.equal(await valueOf('1 + 1'), '2');
  });

  it('end a display method that loops', async () => {
    const code = `console.log('start'); ({ async toMimeBundle() { await null; for (;;) {} } })`;
    const { reply } = await interrupted(code, byMessage);
    assert.equal(reply.content['ename'], 'Interrupted');
    assert.equal(await valueOf('2 + 2'), '4');
  });

  it('let a run stop by itself, so that the cell gets its result', async () => {
    await kernel.execute(`
      const host = (globalThis as any)[Symbol.for('credence.host')];
      function train() {
        return new Promise<string>((resolve) => {
          const timer = setInterval(() => {}, 10);
          host.onInterrupt(() => setTimeout(() => { clearInterval(timer); resolve('weights'); }, 300));
        });
      }`);
    const { reply } = await interrupted(`console.log('start'); const posterior = await train();`, byMessage);
    assert.equal(reply.content['status'], 'ok');
    assert.equal(await valueOf('posterior'), "'weights'");
  });

  it('stop training at a step, and its weights are kept', async () => {
    await kernel.execute(`
      import { data, fit, layers, likelihoods, sequential } from 'credence';
      const wave = data.wave({ points: 40, noise: 0.1, seed: 1 });
      const model = sequential([layers.dense({ units: 8, activation: 'tanh' }), layers.dense({ units: 1 })]);
      const run = fit(model, wave.train, { likelihood: likelihoods.gaussian(), epochs: 1_000_000, devices: 1 });
      while (run.step < 10) await new Promise((resolve) => setTimeout(resolve, 20));`);
    const { reply } = await interrupted(`console.log('start'); const learned = await run.done;`, byMessage);
    assert.equal(reply.content['status'], 'ok');
    assert.equal(await valueOf('[run.state, run.step >= 10]'), "[ 'stopped', true ]");
    assert.match(
      (await valueOf('learned.predict(wave.test.x, { samples: 2 }).mean.shape')) as string,
      /^\[ \d+, 1 \]$/,
    );
  });

  it('wait no longer than two seconds for a run, and not at all at the second interrupt', async () => {
    const code = `console.log('start'); await new Promise(() => {})`;
    const first = await interrupted(code, byMessage);
    assert.ok(first.took > 1500 && first.took < 3500, `${first.took} ms`);
    const second = await interrupted(code, async () => {
      await byMessage();
      await pause(300);
      await byMessage();
    });
    assert.ok(second.took < 1500, `${second.took} ms`);
  });

  it('abort the cells that wait', async () => {
    const header = await kernel.send('shell', 'execute_request', { code: `await new Promise(() => {})` });
    const waiting = await kernel.send('shell', 'execute_request', { code: '1' });
    await pause(300);
    await byMessage();
    assert.equal((await kernel.answer(header)).reply.content['status'], 'error');
    assert.equal((await kernel.answer(waiting)).reply.content['status'], 'aborted');
  });

  it('are harmless when nothing runs, and in a burst', async () => {
    await byMessage();
    for (let i = 0; i < 20; i++) {
      await bySignal();
      await pause(20);
    }
    assert.equal(await valueOf('3 + 3'), '6');
  });

  it('do not tear the compiler', async () => {
    for (let i = 0; i < 10; i++) {
      const header = await kernel.send('shell', 'execute_request', {
        code: `import * as fs${i} from 'node:fs'; const n${i} = ${i};`,
      });
      await pause(5 * i);
      await byMessage();
      await kernel.answer(header);
    }
    const refused = await kernel.execute('const wrong: string = 3');
    assert.equal(refused.reply.content['ename'], 'TypeScriptError');
    assert.equal(await valueOf('"fine"'), "'fine'");
  });
});
