import assert from 'node:assert/strict';
import type { Message } from '../../kernel/message';
import { KernelClient } from './client';

describe('comms', () => {
  let kernel: KernelClient;
  before(async () => {
    kernel = await KernelClient.start();
    await kernel.execute(`
      const host = (globalThis as any)[Symbol.for('credence.host')];
      let comms: any[] = [], log: unknown[] = [];
      host.onComm('echo', (comm: any, data: unknown) => {
        comms.push(comm);
        log.push(['open', data]);
        comm.onMessage((message: any, buffers: Uint8Array[]) => {
          if (message.fail) throw new Error('a listener failed');
          comm.send({ echo: message }, buffers.map((bytes) => bytes.map((x) => x + 1)));
        });
        comm.onClose(() => log.push(['close']));
      });`);
  });
  after(() => kernel.stop());

  const find = (type: string, id: string): Message[] =>
    kernel.published.filter(({ header, content }) => header.msg_type === type && content['comm_id'] === id);
  const open = (id: string, target_name = 'echo') =>
    kernel.send('shell', 'comm_open', { comm_id: id, target_name, data: { hello: 1 } });
  const info = async (target_name?: string) =>
    (await kernel.request('shell', 'comm_info_request', { target_name })).reply.content['comms'];

  it('carry messages and buffers both ways', async () => {
    await open('one');
    await kernel.send(
      'shell',
      'comm_msg',
      { comm_id: 'one', data: { n: 1 } },
      { buffers: [Buffer.from([1, 2])] },
    );
    const answer = await kernel.until('the echo', () => find('comm_msg', 'one')[0]);
    assert.deepEqual(answer.content['data'], { echo: { n: 1 } });
    assert.deepEqual([...answer.buffers[0]!], [2, 3]);
    assert.deepEqual(await info(), { one: { target_name: 'echo' } });
    assert.deepEqual(await info('other'), {});
  });

  it('are served while a cell awaits', async () => {
    const cell = await kernel.send('shell', 'execute_request', {
      code: 'await new Promise((resolve) => setTimeout(resolve, 600))',
    });
    await kernel.send('shell', 'comm_msg', { comm_id: 'one', data: { n: 2 } });
    await kernel.answer(cell);
    const echo = find('comm_msg', 'one')[1]!;
    const ended = kernel.published.findIndex(
      ({ parent, content }) => parent.msg_id === cell.msg_id && content['execution_state'] === 'idle',
    );
    assert.ok(kernel.published.indexOf(echo) < ended, 'before the cell has ended');
  });

  it('close from either end', async () => {
    await kernel.send('shell', 'comm_close', { comm_id: 'one', data: {} });
    const log = await kernel.execute('JSON.stringify(log)');
    assert.match(JSON.stringify(log.outputs[0]?.content), /open.*hello.*close/);
    await open('two');
    await kernel.execute('comms[1].close(); comms[1].close(); comms[1].send({ late: true })');
    assert.equal(find('comm_close', 'two').length, 1);
    assert.equal(find('comm_msg', 'two').length, 0);
    assert.deepEqual(await info(), {});
  });

  it('to a target that nobody knows are closed', async () => {
    await open('lost', 'nobody');
    await kernel.until('the close', () => find('comm_close', 'lost')[0]);
  });

  it('show the error of a listener as output, and live on', async () => {
    await open('three');
    await kernel.send('shell', 'comm_msg', { comm_id: 'three', data: { fail: true } });
    await kernel.until('the error', () =>
      kernel.published.find(({ content }) => content['evalue'] === 'a listener failed'),
    );
    await kernel.send('shell', 'comm_msg', { comm_id: 'three', data: { n: 3 } });
    await kernel.until('the echo', () => find('comm_msg', 'three')[0]);
    await kernel.send('shell', 'comm_msg', { comm_id: 'gone', data: {} });
    assert.equal((await kernel.execute('1')).reply.content['status'], 'ok');
  });
});
