import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Request } from 'zeromq';
import { createHeader, frame, parseMessage, serialise, Signer } from '../../kernel/message';
import { KernelClient, looping, printed } from './client';

describe('messages', () => {
  const signer = () => new Signer('secret');
  const parts = serialise(createHeader('execute_request', 'session'), {}, { code: '1' });
  const bytes = (frames: (string | Uint8Array)[]) => frames.map((each) => Buffer.from(each as string));

  it('survive the way out and in', () => {
    const frames = bytes(frame([Buffer.from('route')], parts, [Buffer.from([1, 2])], signer()));
    const message = parseMessage(frames, signer());
    assert.equal(message.header.msg_type, 'execute_request');
    assert.deepEqual(message.content, { code: '1' });
    assert.deepEqual(message.identities.map(String), ['route']);
    assert.deepEqual([...message.buffers[0]!], [1, 2]);
  });

  it('are refused unsigned, wrongly signed, changed, replayed or malformed', () => {
    const good = bytes(frame([], parts, [], signer()));
    const refuse = (frames: Buffer[], rule: RegExp, by = signer()) =>
      assert.throws(() => parseMessage(frames, by), { code: 'E_KERNEL', message: rule });
    refuse(bytes(frame([], parts, [], new Signer(''))), /wrong signature/);
    refuse(bytes(frame([], parts, [], new Signer('other'))), /wrong signature/);
    refuse([...good.slice(0, 5), Buffer.from('{"code":"2"}')], /wrong signature/);
    refuse(good.slice(1), /missing frames/);
    refuse(good.slice(0, 5), /missing frames/);
    refuse([], /missing frames/);
    for (const bad of [
      '',
      'null',
      '[]',
      '3',
      '{',
      '{"msg_id":"a"}',
      '{"msg_id":1,"msg_type":"x","session":"y"}',
    ]) {
      refuse(bytes(frame([], [bad, '{}', '{}', '{}'], [], signer())), /malformed/);
    }
    const once = signer();
    parseMessage(good, once);
    refuse(good, /replayed/, once);
  });

  it('are remembered up to a limit', () => {
    const forgetful = new Signer('secret', 'hmac-sha256', 2);
    const messages = ['1', '2', '3'].map((code) =>
      bytes(frame([], serialise(createHeader('x', 's'), {}, { code }), [], signer())),
    );
    for (const message of messages) parseMessage(message, forgetful);
    assert.doesNotThrow(() => parseMessage(messages[0]!, forgetful));
    assert.throws(() => parseMessage(messages[2]!, forgetful), /replayed/);
  });
});

describe('the protocol', () => {
  let kernel: KernelClient;
  before(async () => (kernel = await KernelClient.start()));
  after(() => kernel.stop());

  const codeMessage = (code: string, by: Signer) =>
    frame([], serialise(createHeader('execute_request', 's'), {}, { code }), [], by);

  it('does not act on strange messages, and lives on', async () => {
    await kernel.execute('var touched = 0');
    const strange = [
      codeMessage('touched++', new Signer('')),
      codeMessage('touched++', new Signer('guess')),
      ['<IDS|MSG>'],
      ['', '', ''],
      [randomBytes(1000)],
    ];
    for (let i = 0; i < 300; i++) {
      const frames = bytesOf(codeMessage('touched++', new Signer(kernel.key)));
      // spoil a byte, a frame or the number of frames of a good message
      const at = Math.floor(Math.random() * frames.length);
      const victim = frames[at]!;
      if (i % 3 === 0 && victim.length > 0)
        victim[Math.floor(Math.random() * victim.length)]! ^= 1 + (i % 255);
      else if (i % 3 === 1) frames[at] = randomBytes(1 + (i % 64));
      else frames.splice(at, 1);
      strange.push(frames);
    }
    for (const frames of strange) {
      await kernel.sendFrames('shell', frames);
      await kernel.sendFrames('control', frames);
      await kernel.sendFrames('stdin', frames);
    }
    assert.equal(printed(await kernel.execute('console.log(touched)')), '0\n');
    assert.ok(kernel.serverLog.length < 2000, kernel.serverLog);
  });

  it('outlives well signed messages with strange contents', async () => {
    const signer = new Signer(kernel.key);
    const deep = '['.repeat(200_000) + ']'.repeat(200_000);
    const header = (type: string) => JSON.stringify(createHeader(type, 's'));
    const parts = (type: string, content: string | Uint8Array) => [header(type), '{}', '{}', content];
    const send = (all: (string | Uint8Array)[], buffers: Uint8Array[] = []) => {
      const bytes = all.map((part) => Buffer.from(part as string));
      const frames = [Buffer.from('<IDS|MSG>'), Buffer.from(signer.sign(bytes)), ...bytes, ...buffers];
      return kernel.sendFrames('shell', frames);
    };
    await send(parts('execute_request', `{ "code": ${deep} }`));
    await send(parts('comm_msg', `{ "comm_id": "x", "data": { "a": ${deep} } }`));
    await send(parts('execute_request', Buffer.from([0x7b, 0xff, 0xfe, 0x7d])));
    await send(parts('execute_request', Buffer.from('{"code":"\xff\xfe","stop_on_error":false}', 'latin1')));
    await send(parts('is_complete_request', `{ "code": "1", "__proto__": { "polluted": 1 } }`));
    await send(parts('comm_open', '{ "comm_id": "__proto__", "target_name": "constructor", "data": {} }'));
    await send(parts('comm_msg', '{ "comm_id": "__proto__", "data": { "__proto__": { "polluted": 1 } } }'));
    for (const type of ['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
      await send(parts(type, '{}'));
    await send(parts('comm_msg', '{ "comm_id": "x" }'), [randomBytes(20_000_000), Buffer.alloc(0)]);
    await send(parts('execute_request', JSON.stringify({ code: `// ${'x'.repeat(5_000_000)}` })));
    await send([header('kernel_info_request'), '{}', '{}', '{}', 'more', 'frames']);
    assert.equal(
      printed(await kernel.execute(`console.log(({} as any).polluted, touched)`)),
      'undefined 0\n',
    );
  });

  it('does not act twice on a replayed message', async () => {
    const frames = codeMessage('touched++', new Signer(kernel.key));
    for (let i = 0; i < 5; i++) await kernel.sendFrames('shell', frames);
    await kernel.execute('1');
    assert.equal(printed(await kernel.execute('console.log(touched)')), '1\n');
  });

  it('answers requests with wrong contents with an error', async () => {
    for (const [type, content] of [
      ['execute_request', {}],
      ['execute_request', { code: 3 }],
      ['execute_request', { code: '1', user_expressions: { a: 1 } }],
      ['complete_request', { code: 'a' }],
      ['inspect_request', { code: 'a', cursor_pos: 'x' }],
      ['history_request', { hist_access_type: 'all' }],
      ['is_complete_request', { code: null }],
    ] as const) {
      const { reply } = await kernel.request('shell', type, content);
      assert.equal(reply.content['status'], 'error', type);
      assert.match(reply.content['evalue'] as string, new RegExp(`^${type}: `));
    }
    await kernel.send('shell', 'comm_msg', { comm_id: 3 });
    await kernel.send('shell', 'no_such_request', {});
    await kernel.send('stdin', 'input_reply', { value: 'nobody asked' });
    assert.equal((await kernel.execute('1')).reply.content['status'], 'ok');
  });

  it('tells who the kernel is, on control also while a cell is busy', async () => {
    const { reply } = await kernel.request('shell', 'kernel_info_request', {});
    assert.equal(reply.content['protocol_version'], '5.4');
    const header = await looping(kernel);
    const busy = await kernel.request('control', 'kernel_info_request', {});
    assert.deepEqual(busy.reply.content, reply.content);
    await kernel.request('control', 'interrupt_request', {});
    await kernel.answer(header);
  });

  it('beats its heart also while a cell is busy', async () => {
    const heart = new Request();
    heart.connect(`tcp://127.0.0.1:${kernel.ports[4]}`);
    const header = await looping(kernel);
    for (let i = 0; i < 5; i++) {
      await heart.send(`ping ${i}`);
      assert.deepEqual((await heart.receive()).map(String), [`ping ${i}`]);
    }
    heart.close();
    await kernel.request('control', 'interrupt_request', {});
    await kernel.answer(header);
  });

  it('shuts down when asked, also while a cell is busy', async () => {
    const other = await KernelClient.start();
    await looping(other);
    const exit = new Promise((resolve) => other.process.once('exit', resolve));
    const { reply } = await other.request('control', 'shutdown_request', { restart: true });
    assert.deepEqual(reply.content, { status: 'ok', restart: true });
    await exit;
    const third = await KernelClient.start();
    const clean = new Promise((resolve) => third.process.once('exit', resolve));
    await third.request('control', 'shutdown_request', { restart: false });
    assert.equal(await clean, 0);
    await Promise.all([other.stop(), third.stop()]);
  });
});

const bytesOf = (frames: (string | Uint8Array)[]): Buffer[] =>
  frames.map((each) => Buffer.from(each as string));
