import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import { packageRoot } from '../../lib/environment';

const run = promisify(execFile);

/** The TypeScript of a page, block after block, as one module: a reader types them one after the other. */
function codeOf(page: string): string {
  const text = readFileSync(path.join(packageRoot, page), 'utf8');
  return [...text.matchAll(/^```ts\n([^]*?)^```/gm)].map(([, code]) => code).join('\n');
}

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(path.join(packageRoot, 'docs'), { recursive: true }).map((name) => `docs/${String(name)}`),
]
  .filter((page) => page.endsWith('.md') && !page.startsWith('docs/api/'))
  .filter((page) => codeOf(page) !== '');

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.Node20,
  moduleResolution: ts.ModuleResolutionKind.Node16,
  strict: true,
  skipLibCheck: true,
  types: ['node'],
};

describe('code in the documentation', () => {
  const folder = path.join(packageRoot, 'dist', 'docs');
  const sourceOf = (page: string): string =>
    path.join(folder, `${page.slice(0, -'.md'.length).replaceAll('/', '.')}.mts`);
  let program: ts.Program;

  before('one program of all pages, which reads the types of the library once', () => {
    mkdirSync(folder, { recursive: true });
    for (const page of pages) writeFileSync(sourceOf(page), codeOf(page));
    program = ts.createProgram(pages.map(sourceOf), options);
  });

  it('is there', () => assert.ok(pages.includes('README.md')));

  for (const page of pages) {
    it(`${page} compiles and runs`, async () => {
      const source = program.getSourceFile(sourceOf(page));
      const problems = ts.getPreEmitDiagnostics(program, source).map(({ messageText, start, file }) => {
        const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
        return `line ${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
      });
      assert.deepEqual(problems, []);
      program.emit(source);
      const compiled = sourceOf(page).replace(/mts$/, 'mjs');
      const { stderr } = await run(process.execPath, [compiled], { timeout: 200_000 });
      assert.equal(stderr, '');
    });
  }
});
