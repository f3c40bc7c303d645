import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { KernelClient, ofType, printed, temporaryFolder } from './client';

/** Without the colours of a terminal. */
const plain = (text: string): string => text.replace(/\x1b\[\d+m/g, '');

describe('errors', () => {
  const folder = temporaryFolder();
  let kernel: KernelClient;
  before(async () => {
    writeFileSync(
      path.join(folder, 'helper.ts'),
      `export interface Unused { a: number }\n\nexport function fail(): never {\n  throw new Error('in a file');\n}\n`,
    );
    kernel = await KernelClient.start({ cwd: folder });
  });
  after(() => kernel.stop());

  const tracebackOf = (content: Record<string, unknown>) =>
    plain((content['traceback'] as string[]).join('\n'));

  it('point to the lines of the cell, without frames of the machinery', async () => {
    const code = [
      'interface Point {',
      '  x: number;',
      '}',
      '',
      'function norm(point: Point): number {',
      '',
      "  throw new TypeError('no norm');",
      '}',
      '',
      'norm({ x: 1 });',
    ].join('\n');
    const { reply, outputs } = await kernel.execute(code);
    assert.equal(
      tracebackOf(reply.content),
      [
        'TypeError: no norm',
        '    at norm (cell-1.ts:7:9)',
        '    at cell-1.ts:10:1',
        '',
        "7 |   throw new TypeError('no norm');",
        '  |         ^',
      ].join('\n'),
    );
    assert.deepEqual(
      outputs.map(({ header, content }) => [header.msg_type, content]),
      [['error', { ename: 'TypeError', evalue: 'no norm', traceback: reply.content['traceback'] }]],
    );
  });

  it('show the causes, across cells and awaits', async () => {
    await kernel.execute(`async function load() {\n  throw new Error('disk');\n}`);
    const { reply } = await kernel.execute(
      `try {\n  await load();\n} catch (cause) {\n  throw new Error('no data', { cause });\n}`,
    );
    const traceback = tracebackOf(reply.content);
    assert.match(traceback, /^Error: no data\n {4}at cell-3.ts:4:9\n\n4 \|/);
    assert.match(traceback, /Caused by Error: disk\n {4}at load \(cell-2.ts:2:9\)\n/);
    assert.doesNotMatch(traceback, /node_modules|node:|kernel/);
  });

  it('point into the TypeScript files that a cell imports', async () => {
    const { reply } = await kernel.execute(`import { fail } from './helper';\nfail();`);
    const traceback = tracebackOf(reply.content);
    assert.match(traceback, /at fail \(.*helper\.ts:4:9\)\n {4}at cell-4.ts:2:\d/);
    assert.match(traceback, /4 \| {3}throw new Error\('in a file'\);/);
  });

  it('clean the stacks of errors that are printed or shown', async () => {
    const answer = await kernel.execute(`console.log(new Error('printed'));\nnew Error('shown')`);
    assert.equal(printed(answer), 'Error: printed\n    at cell-5.ts:1:13\n');
  });

  it('say what TypeScript says', async () => {
    const { reply, outputs } = await kernel.execute(`const ok = 1;\nconst wrong: string = ok;`);
    assert.equal(reply.content['ename'], 'TypeScriptError');
    assert.equal(
      tracebackOf(reply.content),
      [
        "cell-6.ts:2:7 - error TS2322: Type 'number' is not assignable to type 'string'.",
        '2 | const wrong: string = ok;',
        '  |       ^',
      ].join('\n'),
    );
    assert.deepEqual(
      outputs.map(({ header }) => header.msg_type),
      ['error'],
    );
  });

  it('take anything that is thrown', async () => {
    for (const [code, evalue] of [
      [`throw 'text'`, "'text'"],
      ['throw null', 'null'],
      ['throw undefined', 'undefined'],
      ['throw { a: 1 }', '{ a: 1 }'],
      ['await Promise.reject(3)', '3'],
    ]) {
      const { reply } = await kernel.execute(code!);
      assert.deepEqual([reply.content['ename'], reply.content['evalue']], ['Thrown', evalue], code);
    }
  });

  it('leave what the cell had declared', async () => {
    await kernel.execute(`const reached = 1; throw new Error('x'); const missed = 2;`);
    const answer = await kernel.execute('[reached, missed]');
    assert.equal(
      (ofType(answer, 'execute_result')[0]?.content['data'] as Record<string, string>)['text/plain'],
      '[ 1, undefined ]',
    );
  });

  it('of background work show up in the cell that started it, and the kernel lives', async () => {
    const header = await kernel.send('shell', 'execute_request', {
      code: `setTimeout(() => { throw new Error('from a timer'); }, 150);
setTimeout(() => Promise.reject(new Error('from a promise')), 250);`,
    });
    await kernel.answer(header);
    await kernel.execute('await new Promise((resolve) => setTimeout(resolve, 500))');
    const errors = kernel.published.filter(
      ({ header: { msg_type }, parent }) => msg_type === 'error' && parent.msg_id === header.msg_id,
    );
    assert.deepEqual(
      errors.map(({ content }) => content['evalue']),
      ['from a timer', 'from a promise'],
    );
    assert.match(tracebackOf(errors[0]?.content ?? {}), /at Timeout\._onTimeout \(cell-\d+\.ts:1:26\)/);
  });
});
