import type { ISessionContext } from '@jupyterlab/apputils';
import { PanelLayout, Widget } from '@lumino/widgets';
import type { Table } from '../../lib/figures/wire/runsWire';
import { MIME_TYPE } from '../../lib/figures/wire/messages';
import { element } from './element';
import { credenceIcon } from './icons';
import { t } from './texts';
import { ViewRenderer } from './viewRenderer';

/** A tab of its own for a run, or for several side by side. Its session context leads its controls to the kernel. */
export class RunTab extends Widget {
  readonly sessionContext: ISessionContext;
  private readonly renderer = new ViewRenderer();

  constructor({ id, title, context }: { id: string; title: string; context: ISessionContext }) {
    super();
    this.id = id;
    this.sessionContext = context;
    this.addClass('credence-tab');
    this.title.label = title;
    this.title.icon = credenceIcon;
    this.title.closable = true;
    this.node.tabIndex = -1;
    const layout = (this.layout = new PanelLayout());
    layout.addWidget(this.renderer);
  }

  /** Shows a view, below a table if there is one. */
  async display(view: unknown, table?: Table): Promise<void> {
    this.node.querySelector(':scope > .credence-tableBox')?.remove();
    if (table) this.node.prepend(tableOf(table));
    const model = {
      data: { [MIME_TYPE]: view as never },
      metadata: {},
      trusted: false,
      setData: () => undefined,
    };
    await this.renderer.renderModel(model);
  }

  protected override onActivateRequest(): void {
    this.node.focus();
  }
}

/** A table may be wider than the tab: it scrolls by itself, also by keyboard. */
function tableOf({ heading, rows }: Table): HTMLElement {
  const caption = element('caption', { text: t('Settings that differ, and results') });
  const head = element(
    'tr',
    {},
    ...heading.map((text) => element('th', { text, attributes: { scope: 'col' } })),
  );
  const body = rows.map(([first = '', ...rest]) =>
    element(
      'tr',
      {},
      element('th', { text: first, attributes: { scope: 'row' } }),
      ...rest.map((text) => element('td', { text })),
    ),
  );
  const table = element(
    'table',
    { class: 'credence-table' },
    caption,
    element('thead', {}, head),
    element('tbody', {}, ...body),
  );
  const attributes = { tabindex: '0', role: 'region', 'aria-label': caption.textContent };
  return element('div', { class: 'credence-tableBox', attributes }, table);
}
