import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { packageRoot, pythonExecutable } from '../../lib/environment';
import type { Message } from '../../kernel/message';
import { KernelClient, looping } from './client';

const program = path.join(packageRoot, 'test', 'kernel', 'schema.py');

/** A cell for each kind of output and of ending. */
const cells: [code: string, content?: object][] = [
  ['console.log("out"); console.error("err"); 42'],
  ['display({ toMimeBundle: () => ({ "text/html": "<b>1</b>", "image/png": new Uint8Array(3) }) }, "spot")'],
  ['display("again", "spot"); clearOutput(true)'],
  ['import * as tslab from "tslab"; const shown = tslab.newDisplay(); shown.html("a"); shown.html("b")'],
  ['throw new Error("no")'],
  ['const wrong: string = 3'],
  ['await Promise.reject("text")'],
  ['Promise.reject(new Error("nobody awaits"))'],
  ['1', { silent: true }],
  ['2', { store_history: false, user_expressions: { sum: '1 + 1', bad: 'nowhere' } }],
  [''],
  [
    `(globalThis as any)[Symbol.for('credence.host')].onComm('echo', (comm: any) =>
      comm.onMessage((data: any, buffers: Uint8Array[]) => data.end ? comm.close() : comm.send(data, buffers)));`,
  ],
];

/** Every other request, with its answers of all shapes. */
const requests: [type: string, content: object][] = [
  ['kernel_info_request', {}],
  ['complete_request', { code: 'Math.ma', cursor_pos: 7 }],
  ['complete_request', { code: '', cursor_pos: 0 }],
  ['complete_request', { code: 3 }],
  ['inspect_request', { code: 'parseInt', cursor_pos: 4, detail_level: 0 }],
  ['inspect_request', { code: ' ', cursor_pos: 1, detail_level: 1 }],
  ...['1', 'f(', 'let = ;'].map((code): [string, object] => ['is_complete_request', { code }]),
  ['history_request', { hist_access_type: 'tail', output: true, raw: true, n: 3 }],
  ['history_request', { hist_access_type: 'range', output: false, raw: true, session: 0, start: 1, stop: 3 }],
  [
    'history_request',
    { hist_access_type: 'search', output: false, raw: true, pattern: 'dis*', unique: true },
  ],
];

describe('every message of the kernel', function () {
  let sent: Message[];

  before(async () => {
    const kernel = await KernelClient.start();
    for (const [code, content] of cells) await kernel.execute(code, content);
    for (const [type, content] of requests) await kernel.request('shell', type, content);
    await kernel.request('control', 'kernel_info_request', {});

    const open = { comm_id: 'one', target_name: 'echo', data: {} };
    await kernel.send('shell', 'comm_open', open);
    await kernel.send('shell', 'comm_open', { ...open, comm_id: 'two', target_name: 'nobody' });
    await kernel.request('shell', 'comm_info_request', {});
    const message = { comm_id: 'one', data: { n: 1 } };
    await kernel.send('shell', 'comm_msg', message, { buffers: [Buffer.from([1, 2])] });
    await kernel.send('shell', 'comm_msg', { ...message, data: { end: true } });

    const question = await kernel.send('shell', 'execute_request', {
      code: `await input('Key? ', { password: true })`,
      allow_stdin: true,
    });
    await kernel.until('the question', () => kernel.questions[0]);
    await kernel.send('stdin', 'input_reply', { value: 'x' });
    await kernel.answer(question);

    const loop = await looping(kernel);
    const queued = await kernel.send('shell', 'execute_request', { code: '1' });
    await kernel.request('control', 'interrupt_request', {});
    await kernel.answer(loop);
    await kernel.answer(queued);
    await kernel.request('control', 'shutdown_request', { restart: false });
    sent = [...kernel.published, ...kernel.questions, ...kernel.replies];
    await kernel.stop();
  });

  it('is what the published schema of the protocol wants', function () {
    const lines = sent.map(({ header, parent, metadata, content, buffers }) =>
      JSON.stringify({
        header,
        parent_header: parent,
        metadata,
        content,
        buffers: buffers.map((each) => each.length),
      }),
    );
    const { stdout, stderr } = spawnSync(pythonExecutable(), [program], {
      input: lines.join('\n'),
      encoding: 'utf8',
    });
    if (stderr.includes("No module named 'jupyter_kernel_test'")) {
      process.stdout.write('      skipped: jupyter_kernel_test is not installed\n');
      this.skip();
    }
    assert.match(stdout, /^\{/, stderr);
    const { seen, failures } = JSON.parse(stdout) as { seen: Record<string, number>; failures: string[] };
    assert.deepEqual(failures, []);
    assert.deepEqual(
      Object.keys(seen).sort(),
      [
        ...[
          'clear_output',
          'comm_close',
          'comm_info_reply',
          'comm_msg',
          'complete_reply',
          'display_data',
          'error',
        ],
        ...[
          'execute_input',
          'execute_reply',
          'execute_result',
          'history_reply',
          'input_request',
          'inspect_reply',
        ],
        ...['interrupt_reply', 'iopub_welcome', 'is_complete_reply', 'kernel_info_reply', 'shutdown_reply'],
        ...['status', 'stream', 'update_display_data'],
      ],
      'the types of message that were seen',
    );
  });
});
