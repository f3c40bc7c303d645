import assert from 'node:assert/strict';
import { dataOf, KernelClient, ofType, printed } from './client';

describe('running cells', () => {
  let kernel: KernelClient;
  before(async () => (kernel = await KernelClient.start()));
  after(() => kernel.stop());

  const textOf = (answer: Awaited<ReturnType<KernelClient['execute']>>) =>
    dataOf(ofType(answer, 'execute_result')[0])['text/plain'];

  it('keeps what cells declare, counts them, and shows the last value', async () => {
    const first = await kernel.execute('const a: number = 20; function double(x: number) { return 2 * x; }');
    assert.equal(first.reply.content['status'], 'ok');
    assert.deepEqual(first.outputs, []);
    const second = await kernel.execute('double(a) + 2');
    assert.equal(textOf(second), '42');
    const count = second.reply.content['execution_count'] as number;
    assert.equal(count, (first.reply.content['execution_count'] as number) + 1);
    assert.equal(textOf(await kernel.execute('null')), 'null');
    assert.equal(textOf(await kernel.execute('undefined')), undefined);
  });

  it('lets cells await, also where tslab does not see it', async () => {
    assert.equal(textOf(await kernel.execute('await Promise.resolve(1)')), '1');
    assert.equal(textOf(await kernel.execute('await (Promise.resolve(2))')), '2');
    assert.equal(
      textOf(await kernel.execute('let sum = 0; for await (const x of [1, 2]) sum += x; sum')),
      '3',
    );
    assert.equal(textOf(await kernel.execute('const f = async () => await (3 as never); 4')), '4');
  });

  it('sends 100,000 lines in order before idle', async () => {
    const answer = await kernel.execute('for (let i = 0; i < 100_000; i++) console.log(i)');
    const expected = Array.from({ length: 100_000 }, (_, i) => `${i}\n`).join('');
    assert.equal(printed(answer), expected);
    assert.ok(answer.outputs.length < 200, `${answer.outputs.length} messages`);
  });

  it('takes no memory for what is printed in a loop, and calls back for every write', async () => {
    const answer = await kernel.execute(`
      const rss = () => process.memoryUsage().rss / 2 ** 20;
      for (let i = 0; i < 1_000_000; i++) console.log('warm'); // as much heap as Node takes
      const start = rss();
      for (let i = 0; i < 1_000_000; i++) console.log('line');
      const grown = rss() - start;
      let called = 0;
      for (let i = 0; i < 3; i++) process.stdout.write('', () => called++);
      const same = () => void called++;
      for (let i = 0; i < 3; i++) process.stdout.write('', same);
      await new Promise((resolve) => setTimeout(resolve, 10));
      [grown < 60 || grown, called]`);
    assert.equal(textOf(answer), '[ true, 6 ]');
    assert.equal(printed(answer).length, 2 * 1_000_000 * 5);
  });

  it('keeps the order of the two streams and of what is displayed', async () => {
    const answer = await kernel.execute(`
      console.log('one');
      console.error('two');
      display({ toMimeBundle: () => ({ 'text/html': '<b>three</b>' }) });
      process.stdout.write('four');
      process.stdout.write(' and five\\n');
      'six'`);
    assert.deepEqual(
      answer.outputs.map(({ header, content }) => [
        header.msg_type,
        content['text'] ?? dataOf({ content } as never),
      ]),
      [
        ['stream', 'one\n'],
        ['stream', 'two\n'],
        ['display_data', { 'text/html': '<b>three</b>' }],
        ['stream', 'four and five\n'],
        ['execute_result', { 'text/plain': "'six'" }],
      ],
    );
  });

  it('sends output while a synchronous cell still runs', async () => {
    const header = await kernel.send('shell', 'execute_request', {
      code: `console.log('early'); for (let n = 0; ; n++) if (n % 1e6 === 0) console.log('.');`,
    });
    await kernel.until('the first output', () =>
      kernel.published.find(({ parent, content }) => parent.msg_id === header.msg_id && content['text']),
    );
    await kernel.request('control', 'interrupt_request', {});
    await kernel.answer(header);
  });

  it('prints what worker threads print', async () => {
    const answer = await kernel.execute(`
      import { Worker } from 'node:worker_threads';
      const worker = new Worker("console.log('from a thread: ü')", { eval: true });
      await new Promise((resolve) => worker.on('exit', resolve));
      await new Promise((resolve) => setTimeout(resolve, 100));`);
    assert.equal(printed(answer), 'from a thread: ü\n');
  });

  it('gives late output to the running cell, or to the last that shows any', async () => {
    await kernel.execute(`setTimeout(() => console.log('late'), 100)`);
    const later = await kernel.execute(`await new Promise((resolve) => setTimeout(resolve, 300))`);
    assert.equal(printed(later), 'late\n');
    const last = await kernel.execute(`setTimeout(() => console.log('very late'), 100)`);
    await kernel.execute('1', { silent: true });
    const message = await kernel.until('the output', () =>
      kernel.published.find(({ content }) => content['text'] === 'very late\n'),
    );
    assert.equal(message.parent.msg_id, last.reply.parent.msg_id);
  });

  it('runs silently: no output, no count, no history', async () => {
    const before = await kernel.execute('1');
    const silent = await kernel.execute('const hidden = 5; console.log("x"); hidden', { silent: true });
    assert.deepEqual(silent.outputs, []);
    assert.equal(silent.reply.content['execution_count'], before.reply.content['execution_count']);
    assert.equal(textOf(await kernel.execute('hidden')), '5');
    const { reply } = await kernel.request('shell', 'history_request', {
      hist_access_type: 'tail',
      output: true,
      raw: true,
      n: 2,
    });
    assert.deepEqual(
      (reply.content['history'] as unknown[][]).map((row) => row[2]),
      [
        ['1', '1'],
        ['hidden', '5'],
      ],
    );
  });

  it('evaluates user expressions', async () => {
    const { reply } = await kernel.execute('const side = 3', {
      user_expressions: {
        area: 'side ** 2',
        bad: 'nowhere',
        worse: `({ toMimeBundle() { throw new Error('no') } })`,
      },
    });
    const expressions = reply.content['user_expressions'] as Record<string, Record<string, unknown>>;
    assert.deepEqual(expressions['area'], { status: 'ok', data: { 'text/plain': '9' }, metadata: {} });
    assert.equal(expressions['bad']?.['ename'], 'TypeScriptError');
    assert.equal(expressions['worse']?.['evalue'], 'no');
    assert.equal(reply.content['status'], 'ok');
  });

  it('asks the person, where the front end can', async () => {
    const header = await kernel.send('shell', 'execute_request', {
      code: `const name = await input('Name? '); name.length`,
      allow_stdin: true,
    });
    const question = await kernel.until('the question', () => kernel.questions[0]);
    assert.deepEqual(question.content, { prompt: 'Name? ', password: false });
    await kernel.send('stdin', 'input_reply', { value: 'Bayes' }, { parent: question.header });
    assert.equal(textOf(await kernel.answer(header)), '5');
    const refused = await kernel.execute('await input()');
    assert.match(refused.reply.content['evalue'] as string, /does not answer questions/);
  });

  it('aborts the cells that were queued at an error, and no others', async () => {
    const send = (code: string, stop_on_error: boolean) =>
      kernel.send('shell', 'execute_request', { code, stop_on_error });
    const headers = [
      await send(`await new Promise((_, reject) => setTimeout(reject, 100, new Error('no')))`, true),
      await send('1', true),
      await send('2', true),
    ];
    const [error, ...queued] = await Promise.all(headers.map((header) => kernel.answer(header)));
    assert.equal(error?.reply.content['status'], 'error');
    assert.deepEqual(
      queued.map(({ reply }) => reply.content['status']),
      ['aborted', 'aborted'],
    );
    // at once after the reply, without a pause
    assert.equal((await kernel.execute('3')).reply.content['status'], 'ok');

    const tolerant = [await send('throw 1', false), await send('4', true)];
    const answers = await Promise.all(tolerant.map((header) => kernel.answer(header)));
    assert.deepEqual(
      answers.map(({ reply }) => reply.content['status']),
      ['error', 'ok'],
    );
  });

  it('answers other requests while a cell awaits, and then says busy again', async () => {
    const header = await kernel.send('shell', 'execute_request', {
      code: 'await new Promise((resolve) => setTimeout(resolve, 500))',
    });
    await kernel.request('shell', 'kernel_info_request', {});
    await kernel.answer(header);
    assert.deepEqual(
      kernel.replies.slice(-2).map((reply) => reply.header.msg_type),
      ['kernel_info_reply', 'execute_reply'],
    );
    const states = kernel.published.filter(({ header }) => header.msg_type === 'status');
    assert.deepEqual(
      states.slice(-3).map(({ parent, content }) => [parent.msg_type, content['execution_state']]),
      [
        ['kernel_info_request', 'idle'],
        ['execute_request', 'busy'],
        ['execute_request', 'idle'],
      ],
    );
  });
});
