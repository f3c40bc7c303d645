// What tslab sees of TypeScript and of Node must be in place before tslab is loaded
import './typescript';
import './vm';
import { createConverter, esModuleToCommonJSModule } from 'tslab/dist/converter';
import ts = require('@tslab/typescript-for-tslab');
import * as jupyter from 'tslab/dist/jupyter';

/**
 * The only file that touches tslab (pinned to 1.0.22): its converter compiles cells, its executor runs them. Its
 * message layer is not used; see server.ts.
 */
export { isCompleteCode } from 'tslab/dist/converter';
export type { CompletionInfo, Converter, ConvertResult, Diagnostic } from 'tslab/dist/converter';
export { createExecutor } from 'tslab/dist/executor';
export type { Executor } from 'tslab/dist/executor';
export { printQuickInfo } from 'tslab/dist/inspect';

/** The converter of the notebook's folder. It reads the libraries' types, which takes most of the kernel's start. */
export const createNodeConverter = () => createConverter({ isJS: false, isBrowser: false });

/** A module as a script, as tslab makes it of a file that a cell imports. */
export const toCommonJS = (module: string): string =>
  esModuleToCommonJSModule(module, ts.ScriptTarget.ES2022);

/** What tslab's own display functions (`import { display } from 'tslab'`) produce. */
export interface TslabDisplay {
  data: Record<string, unknown>;
  metadata: object;
  transient: { display_id?: string };
}

/** Receives the output of tslab's own display functions. */
export function onTslabDisplay(write: (display: TslabDisplay, update: boolean) => void): void {
  (jupyter as { lastWriteDisplayData: typeof write | null }).lastWriteDisplayData = write;
}
