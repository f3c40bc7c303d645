import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { dataOf, KernelClient, ofType, temporaryFolder } from './client';

describe('cells', () => {
  const root = temporaryFolder();
  const notebooks = path.join(root, 'notebooks');
  let kernel: KernelClient;
  before(async () => {
    for (const folder of ['notebooks/parts', 'src']) mkdirSync(path.join(root, folder), { recursive: true });
    const write = (file: string, text: string) => writeFileSync(path.join(root, file), text);
    write(
      'notebooks/near.ts',
      `import { ten } from './parts/ten';\nexport const near = (): number => ten + 1;`,
    );
    write('notebooks/parts/ten.ts', `import data from '../data.json';\nexport const ten = data.ten;`);
    write('notebooks/data.json', '{ "ten": 10 }');
    write(
      'src/model.ts',
      `import { layers, sequential } from 'credence';
import { positive } from './positive';
export const model = (units: number) => sequential([layers.dense({ units: positive(units) })]);`,
    );
    write(
      'src/positive.ts',
      `export function positive(n: number): number {\n  if (n <= 0) throw new RangeError('not positive');\n  return n;\n}`,
    );
    kernel = await KernelClient.start({ cwd: notebooks });
  });
  after(() => kernel.stop());

  const valueOf = async (code: string) => {
    const answer = await kernel.execute(code);
    return dataOf(ofType(answer, 'execute_result')[0])['text/plain'] ?? answer.reply.content['evalue'];
  };
  const typeOf = async (name: string) => {
    const request = { code: name, cursor_pos: name.length, detail_level: 0 };
    const { reply } = await kernel.request('shell', 'inspect_request', request);
    return (reply.content['data'] as Record<string, string>)['text/plain'];
  };

  it("import the person's own files, which import others", async () => {
    assert.equal(await valueOf(`import { near } from './near'; near()`), '11');
    assert.match((await typeOf('near'))!, /near: \(\) => number/);
  });

  it('name what earlier cells have declared in every place that an expression may stand in', async () => {
    await kernel.execute(
      'const part = 3; let mutable = 1; const parts = [1, 2]; function double(x: number) { return 2 * x; }',
    );
    assert.equal(
      await valueOf('({ part, double, more: parts }).double(part) + [...parts, part].length'),
      '9',
    );
    assert.equal(await valueOf('((given: { part: number }) => given.part)({ part })'), '3');
    assert.equal(await valueOf('({ mutable } = { mutable: 7 }); mutable'), '7');
    assert.equal(await valueOf('({ mutable = 5 } = {} as { mutable?: number }); mutable'), '5');
    assert.equal(await valueOf('const own = 4; ({ own, part }).own'), '4');
    assert.equal(await valueOf('`${part}` + typeof double'), "'3function'");
  });

  it('import files outside of the folder of the notebook, with types and places of errors', async () => {
    assert.equal(
      await valueOf(`import { model } from '../src/model'; const net = model(4); typeof net`),
      "'object'",
    );
    assert.equal(await typeOf('net'), 'const net: Layer');
    const { reply } = await kernel.execute('model(-1)');
    assert.match(
      (reply.content['traceback'] as string[]).join('\n'),
      /RangeError.*not positive[^]*positive\.ts:2:21\)[^]*model\.ts:3:\d+\)[^]*cell-\d+\.ts:1:1/,
    );
  });

  it('see a file that has changed after a restart', async () => {
    writeFileSync(path.join(notebooks, 'parts', 'ten.ts'), 'export const ten = 20;');
    const fresh = await KernelClient.start({ cwd: notebooks });
    const answer = await fresh.execute(`import { near } from './near'; near()`);
    assert.equal(dataOf(ofType(answer, 'execute_result')[0])['text/plain'], '21');
    await fresh.stop();
  });

  it('declare again what was declared before, as something else', async () => {
    for (const [first, second, value] of [
      ['class A { x = 1 }', `class A { y = 'two' } new A().y`, "'two'"],
      ['enum E { P, Q }', `enum E { R = 'r' } E.R`, "'r'"],
      [
        'function f<T>(x: T): T { return x }',
        `function f<T, U>(x: T, y: U): [T, U] { return [x, y] } f(3, 's')`,
        "[ 3, 's' ]",
      ],
      ['interface I { a: number }', `interface I { b: string } const i: I = { b: 's' }; i.b`, "'s'"],
      [
        'type G<T> = { v: T }',
        `type G<T, U> = { v: T; w: U }; const g: G<number, string> = { v: 1, w: 's' }; g.w`,
        "'s'",
      ],
      ['const n = 1', `let n = 'one'; n`, "'one'"],
      ['export const code = 1', 'export const code = 2; code', '2'],
    ] as const) {
      assert.equal((await kernel.execute(first)).reply.content['status'], 'ok', first);
      assert.equal(await valueOf(second), value, second);
    }
  });

  it('may hold code that a file would export', async () => {
    const code = `export interface Point { x: number }\nexport async function norm(p: Point) { return Math.abs(p.x); }`;
    assert.equal((await kernel.execute(code)).reply.content['status'], 'ok');
    assert.equal(await valueOf('await norm({ x: -3 })'), '3');
    assert.match((await valueOf('norm({ y: 1 })')) as string, /^TS2345/);
  });

  it('await anywhere at their top', async () => {
    for (const [code, value] of [
      ['const all = [await Promise.resolve(1), await (async () => 2)()]; all', '[ 1, 2 ]'],
      ['const { one, ...rest } = await Promise.resolve({ one: 1, two: 2 }); rest', '{ two: 2 }'],
      ['`x ${await Promise.resolve(3)}`', "'x 3'"],
      ['let seen = 0; if (true) { await null; seen++ } seen', '1'],
      [`const { sep } = await import('node:path'); sep.length`, '1'],
    ] as const) {
      assert.equal(await valueOf(code), value, code);
    }
  });

  it('are not counted and not remembered where the front end does not want it', async () => {
    const counted = await kernel.execute('1');
    const { reply } = await kernel.execute('2', { store_history: false });
    assert.equal(reply.content['execution_count'], counted.reply.content['execution_count']);
    const request = { hist_access_type: 'tail', output: false, raw: true, n: 1 };
    const history = (await kernel.request('shell', 'history_request', request)).reply.content['history'];
    assert.equal((history as unknown[][])[0]![2], '1');
  });
});
