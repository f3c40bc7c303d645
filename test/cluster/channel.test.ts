import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { type Channel, channelPair, socketChannel } from '../../lib/cluster/channel';
import { dial, listen } from '../../lib/cluster/dial';
import { until } from '../wait';

/** Both ends of a connection on this machine. */
async function connection(): Promise<[Socket, Socket]> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const near = connect((server.address() as { port: number }).port, '127.0.0.1');
  const [far] = (await once(server, 'connection')) as [Socket];
  server.close();
  return [near, far];
}

/** What arrives at a channel. */
function heard(channel: Channel): unknown[] {
  const messages: unknown[] = [];
  channel.onMessage((message) => messages.push(message));
  return messages;
}

const values = [{ type: 'a', list: [1, 2] }, new Float32Array([1.5, NaN]), null, 'x'.repeat(300_000), 7];

describe('cluster: a channel', () => {
  it('carries values in order, to the bit, over a connection', async () => {
    const [near, far] = (await connection()).map((socket) => socketChannel(socket)) as [Channel, Channel];
    const messages = heard(far);
    for (const value of values) near.send(value);
    await until(() => messages.length === values.length);
    assert.deepEqual(messages, values);
    const closed = new Promise((resolve) => far.onClose(resolve));
    near.close();
    assert.equal(await closed, undefined);
  });

  it('puts messages together whatever pieces they come in', async () => {
    const [near, far] = await connection();
    const messages = heard(socketChannel(far));
    const [source, sink] = await connection();
    const bytes: Buffer[] = [];
    sink.on('data', (chunk) => bytes.push(chunk));
    const channel = socketChannel(source);
    channel.send('first');
    channel.send(new Uint8Array([1, 2, 3]));
    channel.close();
    await once(sink, 'close');
    for (const byte of Buffer.concat(bytes)) {
      near.write(Uint8Array.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => messages.length === 2);
    assert.deepEqual(messages, ['first', new Uint8Array([1, 2, 3])]);
    near.destroy();
  });

  it('ends where the other end speaks another language', async () => {
    const [near, far] = await connection();
    const closed = new Promise<Error | undefined>((resolve) => socketChannel(far).onClose(resolve));
    near.write('GET / HTTP/1.1\r\n\r\n');
    assert.match((await closed)!.message, /bytes was announced/);
    near.destroy();
  });

  it('goes within a process, too', async () => {
    const [near, far] = channelPair();
    const messages = heard(far);
    for (const value of values) near.send(value);
    await until(() => messages.length === values.length);
    assert.deepEqual(messages, values);
    const closed = new Promise((resolve) => near.onClose(resolve));
    far.close();
    await closed;
  });
});

describe('cluster: the call of the first process', () => {
  it('is answered where it says the word, and others are sent away', async () => {
    const line = await listen(false);
    const port = Number(line.address.CREDENCE_DRIVER.split(':')[1]);
    const stranger = connect(port, '127.0.0.1');
    stranger.write(Buffer.alloc(64));
    await once(stranger, 'close');
    const caller = await dial(line.address);
    const channel = await line.call;
    const messages = heard(channel);
    caller.send('here');
    await until(() => messages.length === 1);
    caller.close();
    line.close();
  });

  it('tries all addresses, and says what was wrong with each', async () => {
    const line = await listen(true);
    const [place] = line.address.CREDENCE_DRIVER.split(',').slice(-1);
    line.close();
    const closedPort = '127.0.0.1:9';
    await assert.rejects(dial({ ...line.address, CREDENCE_DRIVER: `${closedPort},${place}` }), {
      code: 'E_CLUSTER',
      message: /127\.0\.0\.1:9: .*ECONNREFUSED.*; .*: must be able|connect to each other/s,
    });
  });
});
