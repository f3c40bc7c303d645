import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { packageRoot } from '../../lib/environment';

interface Cell {
  cell_type: 'code' | 'markdown';
  source: string[];
  outputs?: unknown[];
  execution_count?: number | null;
}

interface Notebook {
  cells: Cell[];
  metadata: { kernelspec: { name: string } };
}

const folder = path.join(packageRoot, 'notebooks');
const read = (...name: string[]): Notebook =>
  JSON.parse(readFileSync(path.join(folder, ...name), 'utf8')) as Notebook;

/** What is wrong with the cells, one after the other, as a module: the kernel checks them in the same way when they run. */
function problems(cells: readonly Cell[]): string[] {
  const file = path.join(folder, 'paper', 'scaling.mts');
  const code = cells.map(({ source }) => source.join('')).join(';\n');
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.Node20,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    types: ['node'],
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => name === file || fileExists(name);
  host.getSourceFile = (name, version, ...rest) =>
    name === file
      ? ts.createSourceFile(name, `declare function display(value: unknown): void;\n${code}`, version)
      : getSourceFile(name, version, ...rest);
  return ts
    .getPreEmitDiagnostics(ts.createProgram([file], options, host))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

// it runs for minutes: npm run notebooks:paper
describe('notebooks/paper/scaling.ipynb', function () {
  this.timeout(120_000);
  const { cells, metadata } = read('paper', 'scaling.ipynb');
  const code = cells.filter(({ cell_type }) => cell_type === 'code');

  it('is for our kernel, and has no outputs', () => {
    assert.deepEqual(metadata.kernelspec, read('quickstart.ipynb').metadata.kernelspec);
    assert.ok(code.length > 0);
    for (const { outputs, execution_count } of code)
      assert.deepEqual([outputs, execution_count], [[], null]);
  });

  it('compiles', () => {
    assert.deepEqual(problems(code), []);
    const wrong: Cell = { cell_type: 'code', source: ["fit(cnn, cifar.train, { strategy: 'samples' })"] };
    assert.notDeepEqual(problems([...code, wrong]), []);
  });

  it('reports the augmentation experiment over at least three seeds', () => {
    const text = code.map(({ source }) => source.join('')).join('\n');
    const seeds = /SEEDS, TARGET\] = \[\d+, \d+, \[([\d, ]+)\]/.exec(text)?.[1]?.split(',') ?? [];
    assert.ok(new Set(seeds).size >= 3);
    for (const way of ["augmentation: 'shared'", 'augmentation: 4']) assert.ok(text.includes(way), way);
  });
});
