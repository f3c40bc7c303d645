import path from 'node:path';
import ts = require('@tslab/typescript-for-tslab');
import { createProgramIn, sourceRoot } from './outside';
import { visitEachChild } from './shorthand';

/**
 * The TypeScript that tslab compiles with, 5.0.4, as we want tslab to see it: with source maps, which a traceback
 * needs, and with the types of Node wherever the notebook lies. Must be imported before tslab is.
 */

/** Two source maps: cell to JavaScript module, and that to the script that runs. */
export interface SourceMaps {
  first: string;
  second: string;
}

const mapsOf = new Map<string, SourceMaps>();

/** The source maps of a script that tslab made; they are forgotten then. */
export function takeMaps(script: string): SourceMaps | undefined {
  const maps = mapsOf.get(script);
  mapsOf.delete(script);
  return maps;
}

/** The folder with the types of Node: beside tslab, wherever npm put them. */
function nodeTypes(): string {
  const tslab = path.dirname(require.resolve('tslab/package.json'));
  return path.dirname(path.dirname(require.resolve('@types/node/package.json', { paths: [tslab] })));
}

type CreateHost = (
  roots: string[],
  options: ts.CompilerOptions & { rootDir: string; outDir: string },
  system: ts.System,
  createProgram: unknown,
  ...rest: unknown[]
) => unknown;
const createHost = ts.createWatchCompilerHost as unknown as CreateHost;

const createWatchCompilerHost: CreateHost = (roots, options, system, _createProgram, ...rest) =>
  createHost(
    roots,
    {
      ...options,
      inlineSourceMap: true,
      inlineSources: true,
      // only Node's globals: the start would read every @types package around the notebook
      types: ['node'],
      typeRoots: [...(options.typeRoots ?? []), nodeTypes()],
      lib: [...(options.lib ?? []), 'lib.es2023.d.ts'],
      rootDir: sourceRoot(options.rootDir),
    },
    system,
    createProgramIn(options.rootDir, options.outDir),
    ...rest,
  );

const inlineMap = /\n?\/\/# sourceMappingURL=data:application\/json;base64,([\w+/=]+)\s*$/;
const mapComment = /\n?\/\/# sourceMappingURL=.*\s*$/;

/** tslab's second step, from module to script; keeps the maps of both steps. */
function transpileModule(input: string, options: ts.TranspileOptions): ts.TranspileOutput {
  const first = inlineMap.exec(input)?.[1];
  const output = ts.transpileModule(input.replace(inlineMap, '\n'), {
    ...options,
    compilerOptions: { ...options.compilerOptions, sourceMap: true },
  });
  const outputText = output.outputText.replace(mapComment, '\n');
  if (first !== undefined && output.sourceMapText !== undefined) {
    mapsOf.set(outputText, {
      first: Buffer.from(first, 'base64').toString('utf8'),
      second: output.sourceMapText,
    });
  }
  return { ...output, outputText };
}

// TypeScript's exports are read-only, so tslab gets a copy of them
const loaded = require.cache[require.resolve('@tslab/typescript-for-tslab')];
if (loaded) loaded.exports = { ...ts, createWatchCompilerHost, transpileModule, visitEachChild };

/** The file system that TypeScript reads from; its functions may be replaced. */
export const typescriptSystem: ts.System = ts.sys;

/** The version of TypeScript that compiles the cells. */
export const typescriptVersion: string = ts.version;

/** The syntax errors of a piece of code. */
export function syntaxErrors(code: string): { code: number; start: number }[] {
  const options = { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext };
  const { diagnostics } = ts.transpileModule(code, { reportDiagnostics: true, compilerOptions: options });
  return (diagnostics ?? []).map(({ code, start }) => ({ code, start: start ?? 0 }));
}

/**
 * The code without the `export` of its declarations, which are everywhere in code that comes from a file: tslab
 * exports all names of a cell by itself. Spaces take its place, so that no position changes.
 */
export function withoutExports(code: string): string {
  if (!/\bexport\b/.test(code)) return code;
  const file = ts.createSourceFile('cell.ts', code, ts.ScriptTarget.ESNext, true);
  let text = code;
  for (const statement of file.statements) {
    const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
    const [first, second] = modifiers;
    if (first?.kind !== ts.SyntaxKind.ExportKeyword || second?.kind === ts.SyntaxKind.DefaultKeyword)
      continue;
    text = text.slice(0, first.getStart()) + ' '.repeat('export'.length) + text.slice(first.end);
  }
  return text;
}

/** Whether a script awaits outside of its functions. */
export function awaitsAtTop(script: string): boolean {
  if (!/\bawait\b/.test(script)) return false;
  // within an async function, where `await (x)` is no call
  const file = ts.createSourceFile('script.js', `(async () => {${script}\n})`, ts.ScriptTarget.ESNext, true);
  const found = (node: ts.Node, depth: number): boolean => {
    if (ts.isAwaitExpression(node)) return true;
    if (ts.isForOfStatement(node) && node.awaitModifier) return true;
    const inner = ts.isFunctionLike(node) ? depth + 1 : depth;
    if (inner > 1) return false;
    return ts.forEachChild(node, (child) => found(child, inner) || undefined) ?? false;
  };
  return found(file, 0);
}

/** A string literal at the cursor. */
export interface StringAtCursor {
  /** Where its text begins, behind the quote. */
  start: number;
  /** Its text up to the cursor. */
  text: string;
  /** Whether it names a module: `from '...'`, `import('...')`, `require('...')`. */
  module: boolean;
}

/** The string literal in which the cursor stands, if it stands in one. */
export function stringAt(code: string, offset: number): StringAtCursor | undefined {
  const file = ts.createSourceFile('cell.ts', code, ts.ScriptTarget.ESNext, true);
  const find = (node: ts.Node): ts.StringLiteral | undefined => {
    if (ts.isStringLiteral(node)) return node.getStart(file) < offset ? node : undefined;
    return ts.forEachChild(node, (child) =>
      child.pos <= offset && offset <= child.end ? find(child) : undefined,
    );
  };
  const literal = find(file);
  if (!literal) return undefined;
  const start = literal.getStart(file) + 1;
  const closed = literal.end > start && code[literal.end - 1] === code[start - 1];
  // behind the closing quote the string is over
  if (closed && offset >= literal.end) return undefined;
  return { start, text: code.slice(start, offset), module: namesModule(literal) };
}

function namesModule(literal: ts.StringLiteral): boolean {
  const { parent } = literal;
  if (ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent)) return true;
  if (!ts.isCallExpression(parent)) return false;
  const { expression } = parent;
  return (
    expression.kind === ts.SyntaxKind.ImportKeyword ||
    (ts.isIdentifier(expression) && expression.text === 'require')
  );
}
