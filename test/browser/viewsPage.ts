/** Runs the code of docs/views.md, and keeps the pictures that it makes. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';
import ts from 'typescript';
import * as credence from '../../lib';
import { packageRoot } from '../../lib/environment';
import { displaySymbol, type MimeBundle } from '../../lib/host';

/** What a call of `show` on the page makes, by its name; what a run shows is 'run'. */
export interface PagePicture {
  name: string;
  bundle: MimeBundle;
}

type Shown = credence.Picture | ReturnType<typeof credence.fit>;
type Body = (require: () => typeof credence, exports: object, shown: Shown[]) => Promise<void>;

/** A line that begins with `show.` is a picture, and so is one that says `run`. */
export async function picturesOfPage(page: string): Promise<PagePicture[]> {
  const text = readFileSync(path.join(packageRoot, page), 'utf8');
  const code = [...text.matchAll(/^```ts\n([^]*?)^```/gm)].map(([, block]) => block).join('\n');
  const names = [...code.matchAll(/^(?:show\.(\w+)|run;)/gm)].map(([, name]) => name ?? 'run');
  const kept = code.replace(/^(?=show\.|run;)/gm, 'shown[shown.length] = ');
  const { outputText } = ts.transpileModule(kept, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS },
  });
  const shown: Shown[] = [];
  const body = vm.runInThisContext(`(async (require, exports, shown) => {${outputText}\n})`) as Body;
  await body(() => credence, {}, shown);
  const bundles = await Promise.all(shown.map(async (each) => each[displaySymbol]()));
  return names.map((name, i) => ({ name, bundle: bundles[i]! }));
}
