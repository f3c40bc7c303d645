import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../../lib/environment';

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(path.join(packageRoot, 'docs'), { recursive: true }).map((name) => `docs/${String(name)}`),
].filter((page) => page.endsWith('.md') && !page.startsWith('docs/api/'));

/** A page without its code: what looks like a link there is none. */
const proseOf = (page: string): string =>
  readFileSync(path.join(packageRoot, page), 'utf8')
    .replace(/^```[^]*?^```/gm, '')
    .replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]()]/g, ''));

/** The names by which GitHub and JupyterLab link to the headings of a page. */
const anchorsOf = (page: string): string[] =>
  [...proseOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );

describe('links in the documentation', () => {
  for (const page of pages) {
    it(`those of ${page} lead somewhere`, () => {
      const targets = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
      const broken = targets
        .filter((target) => !/^https?:/.test(target))
        .filter((target) => {
          const [file, anchor] = target.split('#') as [string, string?];
          const there = file === '' ? page : path.join(path.dirname(page), file);
          if (!existsSync(path.join(packageRoot, there))) return true;
          return anchor !== undefined && !anchorsOf(there).includes(anchor);
        });
      assert.deepEqual(broken, []);
    });
  }

  it('every page of docs is in its table of contents', () => {
    const contents = readFileSync(path.join(packageRoot, 'docs', 'README.md'), 'utf8');
    const missing = pages
      .filter((page) => page.startsWith('docs/') && page !== 'docs/README.md')
      .filter((page) => !contents.includes(`](${page.slice('docs/'.length)})`));
    assert.deepEqual(missing, []);
  });
});
