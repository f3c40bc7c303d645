import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { dataOf, KernelClient, ofType, temporaryFolder } from './client';

/** Installs a small package with types beside a notebook. */
function installPackage(folder: string): void {
  const place = path.join(folder, 'node_modules', 'planets');
  mkdirSync(place, { recursive: true });
  writeFileSync(path.join(place, 'package.json'), '{ "name": "planets", "main": "index.js" }');
  writeFileSync(
    path.join(place, 'index.js'),
    'exports.mass = { earth: 5.97, mars: 0.64 }; exports.raw = new Float32Array(2);',
  );
  writeFileSync(
    path.join(place, 'index.d.ts'),
    `/** In 10^24 kg. */
export declare const mass: { earth: number; mars: number };
export declare const raw: Float32Array<ArrayBuffer>;`,
  );
}

describe('help while typing', () => {
  const folder = temporaryFolder();
  let kernel: KernelClient;
  before(async () => {
    installPackage(folder);
    writeFileSync(path.join(folder, 'helper.ts'), 'export const answer = 42;');
    kernel = await KernelClient.start({ cwd: folder });
    await kernel.execute(`import { mass, raw } from 'planets';\nimport { answer } from './helper';`);
  });
  after(() => kernel.stop());

  const complete = async (code: string, cursor_pos = Array.from(code).length) =>
    (await kernel.request('shell', 'complete_request', { code, cursor_pos })).reply.content;
  const inspect = async (code: string, cursor_pos = code.length) =>
    (await kernel.request('shell', 'inspect_request', { code, cursor_pos, detail_level: 0 })).reply.content;
  const isComplete = async (code: string) =>
    (await kernel.request('shell', 'is_complete_request', { code })).reply.content;

  it('completes members of an imported module, with their kinds', async () => {
    const { matches, cursor_start, cursor_end, metadata } = await complete('const m = mass.');
    assert.deepEqual(matches, ['earth', 'mars']);
    assert.deepEqual([cursor_start, cursor_end], [15, 15]);
    assert.deepEqual((metadata as Record<string, unknown[]>)['_jupyter_types_experimental']?.[0], {
      text: 'earth',
      type: 'property',
      start: 15,
      end: 15,
    });
  });

  it('completes names in the middle, types, packages, files and what they export', async () => {
    const middle = await complete('mass.ear + 1', 8);
    assert.deepEqual([middle['matches'], middle['cursor_start'], middle['cursor_end']], [['earth'], 5, 8]);
    const includes = async (code: string, name: string, at?: number) =>
      assert.ok(((await complete(code, at))['matches'] as string[]).includes(name), `${code} -> ${name}`);
    await includes('let a: Prom', 'Promise');
    await includes(`import { x } from 'plan`, 'planets');
    await includes(`import { x } from './he`, './helper');
    await includes(`import { an } from './helper'`, 'answer', 11);
    await includes(`await import('./he`, './helper');
    await includes(`import fs from 'node:f`, 'node:fs/promises');
    await includes(`import * as credence from 'cred`, 'credence');
    const strings = await complete(`const side: 'left' | 'right' = 'le`);
    assert.deepEqual([strings['matches'], strings['cursor_start']], [['left'], 32]);
    await includes('answ', 'answer');
    await includes('disp', 'display');
  });

  it('counts characters as Jupyter does', async () => {
    const { matches, cursor_start, cursor_end } = await complete(`const s = '🪐🪐'; mass.ear`);
    assert.deepEqual([matches, cursor_start, cursor_end], [['earth'], 21, 24]);
  });

  it('shows signatures and documentation', async () => {
    const { found, data } = await inspect('mass');
    assert.equal(found, true);
    assert.match(
      (data as Record<string, string>)['text/plain']!,
      /mass: \{\s+earth: number[^]*In 10\^24 kg\./,
    );
    assert.match(JSON.stringify((await inspect('display(1)', 3))['data']), /Shows a value below the cell/);
    assert.deepEqual(await inspect('   ', 1), { status: 'ok', found: false, data: {}, metadata: {} });
  });

  it('knows complete, incomplete and invalid code', async () => {
    assert.deepEqual(await isComplete('const a = 1'), { status: 'complete' });
    assert.deepEqual(await isComplete('function f() {'), { status: 'incomplete', indent: '  ' });
    assert.deepEqual(await isComplete('const = 1'), { status: 'invalid' });
  });

  it('sees typed arrays in declarations of newer TypeScript', async () => {
    const { reply } = await kernel.execute('const text: string = raw;');
    assert.match(reply.content['evalue'] as string, /Type 'Float32Array' is not assignable to type 'string'/);
  });
});

describe("import ... from 'credence'", () => {
  let kernel: KernelClient;
  before(async () => (kernel = await KernelClient.start()));
  after(() => kernel.stop());

  it('works from any folder, at run time and in types', async () => {
    const answer = await kernel.execute(
      `import { CredenceError } from 'credence';\nnew CredenceError('E_OPTION', 'tried').code`,
    );
    assert.equal(dataOf(ofType(answer, 'execute_result')[0])['text/plain'], "'E_OPTION'");
  });

  it('is checked: a misuse is an error of TypeScript', async () => {
    const { reply } = await kernel.execute(`new CredenceError('E_NONSENSE', 'x')`);
    assert.equal(reply.content['ename'], 'TypeScriptError');
    assert.match(reply.content['evalue'] as string, /TS2345: Argument of type '"E_NONSENSE"'/);
  });

  it('shares the host with the kernel', async () => {
    const answer = await kernel.execute(`typeof (globalThis as any)[Symbol.for('credence.host')].display`);
    assert.equal(dataOf(ofType(answer, 'execute_result')[0])['text/plain'], "'function'");
  });

  it('leaves other packages alone', async () => {
    const { reply } = await kernel.execute(`import x from 'no-such-package'; x`);
    assert.match(reply.content['evalue'] as string, /TS2307: Cannot find module 'no-such-package'/);
  });
});
