import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { packageRoot } from '../../lib/environment';

export interface Cell {
  cell_type: 'code' | 'markdown';
  source: string[];
  outputs?: unknown[];
  execution_count?: number | null;
}

export interface Notebook {
  cells: Cell[];
  metadata: { kernelspec: { name: string } };
}

const folder = path.join(packageRoot, 'notebooks');

export const read = (...name: string[]): Notebook =>
  JSON.parse(readFileSync(path.join(folder, ...name), 'utf8')) as Notebook;

export const codeOf = ({ cells }: Notebook): Cell[] => cells.filter(({ cell_type }) => cell_type === 'code');

/** What is wrong with the cells, one after the other, as a module: the kernel checks them in the same way when they run. */
function problems(cells: readonly Cell[]): string[] {
  const file = path.join(folder, 'paper', 'checked.mts');
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

/** What holds of every notebook that is not run by the tests. @param wrong a cell that must not compile after the others */
export function itIsReady(notebook: Notebook, wrong: string): void {
  const code = codeOf(notebook);

  it('is for our kernel, and has no outputs', () => {
    assert.deepEqual(notebook.metadata.kernelspec, read('quickstart.ipynb').metadata.kernelspec);
    assert.ok(code.length > 0);
    for (const { outputs, execution_count } of code) {
      assert.deepEqual([outputs, execution_count], [[], null]);
    }
  });

  it('compiles', () => {
    assert.deepEqual(problems(code), []);
    assert.notDeepEqual(problems([...code, { cell_type: 'code', source: [wrong] }]), []);
  });
}
