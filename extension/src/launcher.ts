import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { Token } from '@lumino/coreutils';
import { ownKernel } from './ownKernel';

/** What is used of JupyterLab's launcher. */
interface Launcher {
  add(item: { command: string; category: string; rank: number; kernelIconUrl?: string }): unknown;
}

/** The modules that the application shares with extensions, by package name and version: see webpack's module federation. */
declare const __webpack_share_scopes__: {
  default?: Record<string, Record<string, { get(): Promise<() => unknown> }> | undefined>;
};

/**
 * Puts a card into the launcher, where there is one: Notebook 7 has none, and a plugin that imports what is not there is not started.
 * So the launcher's token is taken from what the running application shares.
 */
export async function addCard(app: JupyterFrontEnd, command: string): Promise<void> {
  const shared = Object.values(__webpack_share_scopes__.default?.['@jupyterlab/launcher'] ?? {})[0];
  if (!shared) return;
  const { ILauncher } = (await shared.get())() as { ILauncher?: Token<Launcher> };
  const launcher = ILauncher && (await app.resolveOptionalService(ILauncher));
  const logo = (await ownKernel(app))?.resources['logo-svg'];
  launcher?.add({ command, category: 'Notebook', rank: 1000, ...(logo && { kernelIconUrl: logo }) });
}
