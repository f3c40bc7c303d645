import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { Widget } from '@lumino/widgets';

/** Where tabs may be. In Notebook 7 the main area has room for the notebook only. */
const areas = ['main', 'right'] as const;

/** Brings the tab of that id to the front; where there is none, it is made. */
export function showTab<T extends Widget>(shell: JupyterFrontEnd.IShell, id: string, make: () => T): T {
  const open = areas.flatMap((area) => [...shell.widgets(area)]).find((widget) => widget.id === id);
  const tab = (open as T | undefined) ?? make();
  for (const area of areas) if (!tab.isAttached) shell.add(tab, area, { mode: 'tab-after' });
  shell.activateById(id);
  return tab;
}
