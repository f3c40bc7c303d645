/**
 * Lets Node load TypeScript as modules: hooks for `module.register`, which run in a thread of their own. A script may await outside of
 * functions whatever the folder it lies in, and `credence` is this very package.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { LoadHook, ResolveHook } from 'node:module';
import ts = require('@tslab/typescript-for-tslab');
import { CredenceError } from '../lib/errors';
import { OWN_NAME } from './resolve';

const ownIndex = pathToFileURL(path.join(__dirname, '..', 'lib', 'index.js')).href;

/** What an import may mean in TypeScript, which Node does not know: './a' is './a.ts', and so may be './a.js'. */
const meanings = (specifier: string): string[] =>
  /^\.{0,2}\//.test(specifier)
    ? [`${specifier}.ts`, specifier.replace(/\.js$/, '.ts'), `${specifier}/index.ts`]
    : [];

export const resolve: ResolveHook = async (specifier, context, next) => {
  if (specifier === OWN_NAME) return { url: ownIndex, format: 'commonjs', shortCircuit: true };
  try {
    return await next(specifier, context);
  } catch (error) {
    for (const meaning of meanings(specifier)) {
      try {
        return await next(meaning, context);
      } catch {
        // the first error says what the person wrote
      }
    }
    throw error;
  }
};

export const load: LoadHook = async (url, context, next) => {
  if (!/^file:.*\.m?tsx?$/.test(url)) return next(url, context);
  const fileName = fileURLToPath(url);
  const { outputText, diagnostics = [] } = ts.transpileModule(await readFile(fileName, 'utf8'), {
    fileName,
    reportDiagnostics: true,
    compilerOptions: {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2022,
      inlineSourceMap: true,
      inlineSources: true,
    },
  });
  if (diagnostics.length > 0)
    throw new CredenceError('E_FILE', ts.formatDiagnostics(diagnostics, host).trim());
  return { format: 'module', source: outputText, shortCircuit: true };
};

const host: ts.FormatDiagnosticsHost = {
  getCanonicalFileName: (file) => file,
  getCurrentDirectory: () => process.cwd(),
  getNewLine: () => '\n',
};
