import { existsSync } from 'node:fs';
import Module from 'node:module';
import path from 'node:path';
import { packageRoot } from '../lib/environment';
import { typescriptSystem } from './typescript';

/** The name under which cells import the library. */
export const OWN_NAME = 'credence';

/** The nearest `node_modules/credence` at or above a folder. */
function installedBeside(folder: string): boolean {
  if (existsSync(path.join(folder, 'node_modules', OWN_NAME))) return true;
  const above = path.dirname(folder);
  return above !== folder && installedBeside(above);
}

/**
 * Lets `import ... from 'credence'` find this very package from notebooks in any folder, for TypeScript and at run
 * time. Where a package of this name is installed beside the notebook, that one is used, as Node would.
 */
export function resolveOwnPackage(folder: string): void {
  if (installedBeside(folder)) return;
  // at the root, where every file looks last, also one outside of the notebook's folder that a cell imports
  resolveTypes(path.join(path.parse(folder).root, 'node_modules', OWN_NAME));
  resolveAtRunTime();
}

/**
 * Loads the library, the copy that cells of the folder import, if a comm is meant for it: a front end may ask for the runs on disk
 * before the first cell is run.
 */
export function loadOwnPackage(folder: string, target: string): void {
  if (target !== OWN_NAME && !target.startsWith(`${OWN_NAME}.`)) return;
  try {
    Module.createRequire(path.join(folder, 'cell.js'))(OWN_NAME);
  } catch {
    // the comm is then closed, and the cell that imports the library says what is wrong with it
  }
}

/** Shows TypeScript our package in a place where one could be installed. */
function resolveTypes(place: string): void {
  const expected = place.replaceAll(path.sep, '/');
  const actual = packageRoot.replaceAll(path.sep, '/');
  const redirect = (file: string): string =>
    file === expected || file.startsWith(`${expected}/`) ? actual + file.slice(expected.length) : file;

  const system = typescriptSystem;
  const { fileExists, readFile, directoryExists, realpath } = system;
  system.fileExists = (file) => fileExists(redirect(file));
  system.directoryExists = (folder) =>
    folder === path.posix.dirname(expected) || directoryExists(redirect(folder));
  system.readFile = (file, encoding) => readFile(redirect(file), encoding);
  if (realpath) system.realpath = (file) => realpath(redirect(file));
}

type Resolve = (request: string, ...rest: unknown[]) => string;

/** Sends the imports that Node cannot resolve to our package. */
function resolveAtRunTime(): void {
  const loader = Module as unknown as { _resolveFilename: Resolve };
  const resolve = loader._resolveFilename;
  loader._resolveFilename = function (this: unknown, request, ...rest) {
    const own = request === OWN_NAME || request.startsWith(`${OWN_NAME}/`);
    const target = own ? path.join(packageRoot, request.slice(OWN_NAME.length)) : request;
    return resolve.call(this, target, ...rest);
  };
}

/**
 * Declaration files of TypeScript 5.7 and later say `Float32Array<ArrayBuffer>`, of which TypeScript 5.0 would make
 * `any`: it sees the array without its argument.
 */
export function readModernDeclarations(): void {
  const system = typescriptSystem;
  const { readFile } = system;
  const generic =
    /\b((?:Big)?(?:Int|Uint|Float)\d+(?:Clamped)?Array|DataView|Buffer)<(?:Shared)?ArrayBuffer(?:Like)?>/g;
  system.readFile = (file, encoding) => {
    const text = readFile(file, encoding);
    return file.endsWith('.d.ts') ? text?.replace(generic, '$1') : text;
  };
}
