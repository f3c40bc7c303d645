import assert from 'node:assert/strict';
import type { Message } from '../../kernel/message';
import { dataOf, KernelClient, ofType } from './client';

/** A live value whose counter goes up `ticks` times, one every `pause` ms, as code of a cell. */
const counter = (ticks: number, pause: number) => `({
  [Symbol.for('Jupyter.display')]: () => ({ 'text/plain': '0' }),
  [Symbol.for('credence.live')]: (redraw: (bundle: object) => void) => {
    let n = 0;
    const timer = setInterval(() => {
      redraw({ 'text/plain': String(++n) });
      if (n === ${ticks}) clearInterval(timer);
    }, ${pause});
    return () => { clearInterval(timer); (globalThis as any).stopped = true; };
  },
})`;

const idOf = ({ content }: Message) => (content['transient'] as { display_id?: string }).display_id;

describe('rich output', () => {
  let kernel: KernelClient;
  before(async () => (kernel = await KernelClient.start()));
  after(() => kernel.stop());

  const updatesOf = (id: string | undefined) =>
    kernel.published.filter(
      (message) => message.header.msg_type === 'update_display_data' && idOf(message) === id,
    );

  it('shows what a value says about itself, sync or async', async () => {
    const answer = await kernel.execute(`({
      async [Symbol.for('Jupyter.display')]() { return { 'text/html': '<b>1</b>', 'image/png': new Uint8Array([1, 2, 3]) }; }
    })`);
    assert.deepEqual(dataOf(ofType(answer, 'execute_result')[0]), {
      'text/html': '<b>1</b>',
      'image/png': 'AQID',
    });
    const bundle = await kernel.execute(`({ toMimeBundle: () => ({ 'text/markdown': '*x*' }) })`);
    assert.deepEqual(dataOf(ofType(bundle, 'execute_result')[0]), { 'text/markdown': '*x*' });
  });

  it('reports a display method that fails or returns nonsense', async () => {
    const thrown = await kernel.execute(`({ toMimeBundle() { throw new RangeError('no picture'); } })`);
    assert.equal(thrown.reply.content['ename'], 'RangeError');
    const late = await kernel.execute(`display({ toMimeBundle: async () => 'text' })`);
    assert.match(late.reply.content['evalue'] as string, /must return an object of MIME types/);
    const slow = await kernel.execute(`
      display({ async toMimeBundle() { throw new Error('soon'); } });
      await new Promise((resolve) => setTimeout(resolve, 50));`);
    assert.deepEqual(
      slow.outputs.map(({ content }) => content['evalue']),
      ['soon'],
    );
    const type = await kernel.execute(`({ toMimeBundle: () => ({ html: '<b>' }) })`);
    assert.match(type.reply.content['evalue'] as string, /'html', which is no MIME type/);
    const big = await kernel.execute(`({ toMimeBundle: () => ({ 'application/json': 1n }) })`);
    assert.match(big.reply.content['evalue'] as string, /cannot be sent as JSON/);
  });

  it('redraws in place what is displayed with an id', async () => {
    const first = await kernel.execute(`display('a', 'spot')`);
    assert.equal(idOf(ofType(first, 'display_data')[0]!), 'spot');
    const second = await kernel.execute(`display('b', 'spot')`);
    assert.deepEqual(ofType(second, 'display_data'), []);
    assert.deepEqual(ofType(second, 'update_display_data').map(dataOf), [{ 'text/plain': "'b'" }]);
  });

  it('clears output', async () => {
    const answer = await kernel.execute('clearOutput(); clearOutput(true)');
    assert.deepEqual(
      ofType(answer, 'clear_output').map(({ content }) => content),
      [{ wait: false }, { wait: true }],
    );
  });

  it('lets a cell use the names of the kernel for its own', async () => {
    const answer = await kernel.execute('const display = 3; display');
    assert.equal(dataOf(ofType(answer, 'execute_result')[0])['text/plain'], '3');
  });

  it('keeps a live value live: at most 5 updates a second, the last state always', async () => {
    const shown = await kernel.execute(counter(100, 10));
    const display = ofType(shown, 'display_data')[0]!;
    assert.deepEqual(dataOf(display), { 'text/plain': '0' });
    const id = idOf(display);
    await kernel.until('the last state', () =>
      updatesOf(id).some((update) => dataOf(update)['text/plain'] === '100'),
    );
    const updates = updatesOf(id);
    assert.ok(updates.length >= 3 && updates.length <= 8, `${updates.length} updates in about 1 s`);
    assert.ok(updates.every(({ parent }) => parent.msg_id === display.parent.msg_id));
  });

  it('sends the latest state before a later cell ends, as output of that cell', async () => {
    const shown = await kernel.execute(counter(20, 10));
    const id = idOf(ofType(shown, 'display_data')[0]!);
    const wait = await kernel.execute('await new Promise((resolve) => setTimeout(resolve, 350))');
    const updates = ofType(wait, 'update_display_data').filter((update) => idOf(update) === id);
    assert.equal(dataOf(updates.at(-1))['text/plain'], '20');
  });

  it('updates also while a synchronous cell runs', async () => {
    await kernel.execute(`var redraw: (bundle: object) => void;`);
    const shown = await kernel.execute(`({
      [Symbol.for('Jupyter.display')]: () => ({ 'text/plain': 'start' }),
      [Symbol.for('credence.live')]: (f: typeof redraw) => ((redraw = f), () => {}),
    })`);
    const id = idOf(ofType(shown, 'display_data')[0]!);
    const header = await kernel.send('shell', 'execute_request', {
      code: `{ const start = Date.now(); while (Date.now() - start < 1000) redraw({ 'text/plain': String(Date.now() - start) }); }`,
    });
    await kernel.until('updates', () => updatesOf(id).length >= 2);
    assert.ok(
      !kernel.published.some(
        ({ parent, content }) => parent.msg_id === header.msg_id && content['execution_state'] === 'idle',
      ),
    );
    await kernel.answer(header);
    assert.ok(updatesOf(id).length <= 8);
  });

  it('stops a live value when its cell of the notebook runs again', async () => {
    await kernel.execute(counter(10_000, 10), {}, { cellId: 'one' });
    const again = await kernel.execute('(globalThis as any).stopped', {}, { cellId: 'one' });
    assert.equal(dataOf(ofType(again, 'execute_result')[0])['text/plain'], 'true');
  });

  it('survives a live value that cannot be redrawn', async () => {
    await kernel.execute(`var redraw: (bundle: object) => void;`);
    await kernel.execute(`({
      [Symbol.for('Jupyter.display')]: () => ({ 'text/plain': 'start' }),
      [Symbol.for('credence.live')]: (f: typeof redraw) => ((redraw = f), () => {}),
    })`);
    const bad = await kernel.execute(`
      redraw({ 'text/plain': 'fine' });
      redraw({ 'application/json': 1n });`);
    assert.match(bad.reply.content['evalue'] as string, /cannot be sent as JSON/);
    assert.equal((await kernel.execute('1')).reply.content['status'], 'ok');
  });

  it('keeps the display functions of tslab working', async () => {
    const answer = await kernel.execute(`
      import * as tslab from 'tslab';
      const spot = tslab.newDisplay();
      spot.html('<i>a</i>');
      spot.html('<i>b</i>');
      tslab.display.png(new Uint8Array([1]));`);
    assert.deepEqual(
      answer.outputs.map((message) => [message.header.msg_type, dataOf(message)]),
      [
        ['display_data', { 'text/html': '<i>a</i>' }],
        ['update_display_data', { 'text/html': '<i>b</i>' }],
        ['display_data', { 'image/png': 'AQ==' }],
      ],
    );
  });

  it('gives the library a host that displays and redraws', async () => {
    const answer = await kernel.execute(`
      const host = (globalThis as any)[Symbol.for('credence.host')];
      host.display({ 'text/plain': 'first' }, 'library');
      for (let i = 0; i < 50; i++) host.update({ 'text/plain': 'update ' + i }, 'library');`);
    assert.deepEqual(
      answer.outputs.map((message) => [message.header.msg_type, dataOf(message)['text/plain']]),
      [
        ['display_data', 'first'],
        ['update_display_data', 'update 0'],
        ['update_display_data', 'update 49'],
      ],
    );
  });
});
