import { type Dirent, readdirSync } from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import { OWN_NAME } from './resolve';

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).filter(({ name }) => !name.startsWith('.'));
  } catch {
    return [];
  }
}

/** The files and folders that a relative import may mean. */
function files(start: string, folder: string): string[] {
  const parent = start.slice(0, start.lastIndexOf('/') + 1);
  return entriesOf(path.join(folder, parent)).flatMap((entry) => {
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : [`${parent}${entry.name}/`];
    const [, name, extension] = /^(.+?)((?:\.d)?\.tsx?|\.jsx?|\.json)$/.exec(entry.name) ?? [];
    if (name === undefined) return [];
    return [extension === '.json' ? parent + entry.name : parent + name];
  });
}

/** The packages installed beside a folder. */
function packages(folder: string): string[] {
  const place = path.join(folder, 'node_modules');
  const names = entriesOf(place).flatMap(({ name }) =>
    name.startsWith('@') ? entriesOf(path.join(place, name)).map((inner) => `${name}/${inner.name}`) : [name],
  );
  const above = path.dirname(folder);
  return above === folder ? names : [...names, ...packages(above)];
}

/** The modules whose names begin with `start`, as seen from a folder: files, packages, and Node's own. */
export function modulesBeginning(start: string, folder: string): string[] {
  const node = builtinModules.filter((name) => !name.startsWith('_'));
  const known = /^\.\.?\//.test(start)
    ? files(start, folder)
    : [OWN_NAME, ...packages(folder), ...node, ...node.map((name) => `node:${name}`)];
  return [...new Set(known)].filter((name) => name.startsWith(start)).sort();
}
