import 'credence-lab/style/index.css';
import 'credence-lab/style/documentation.css';
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { PanelLayout, Widget } from '@lumino/widgets';
import { element } from './element';
import { credenceIcon } from './icons';
import { showTab } from './tab';
import { t } from './texts';

/** Where the extension is served, with a slash at its end: see webpack. */
declare const __webpack_public_path__: string;

/** The folder of the pages: it is installed with the extension, so that they are there without a network. */
const folder = new URL('../docs/', new URL(__webpack_public_path__, document.baseURI));
const CONTENTS = 'README.md';

/** Opens the documentation at its contents. @throws Error where it cannot be read */
export async function openDocumentation(
  app: JupyterFrontEnd,
  rendermime: IRenderMimeRegistry,
): Promise<void> {
  const tab = showTab(app.shell, 'credence-documentation', () => new Documentation(app, rendermime));
  await tab.start();
}

/** Pages of Markdown, shown by JupyterLab's own renderer, and the way from one to another. */
class Documentation extends Widget {
  /** The page, or why there is none. */
  private page = new Widget();
  private readonly back = button(t('Back'), () => void this.return());
  /** What was read before, the latest last. */
  private readonly before: URL[] = [];
  private at: URL | undefined;

  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly rendermime: IRenderMimeRegistry,
  ) {
    super();
    this.id = 'credence-documentation';
    this.title.label = t('Credence documentation');
    this.title.icon = credenceIcon;
    this.title.closable = true;
    this.addClass('credence-documentation');
    this.node.tabIndex = -1;
    const contents = button(t('Contents'), () => void this.go(new URL(CONTENTS, folder)));
    const attributes = { 'aria-label': t('Pages'), 'data-lm-suppress-shortcuts': 'true' };
    const bar = element('nav', { class: 'credence-controls', attributes }, contents, this.back);
    const layout = (this.layout = new PanelLayout());
    layout.addWidget(new Widget({ node: bar }));
    layout.addWidget(this.page);
    this.node.addEventListener('click', (event) => this.click(event));
  }

  /** Shows the contents, unless a page is shown. */
  async start(): Promise<void> {
    if (!this.at) await this.turnTo(new URL(CONTENTS, folder));
  }

  protected override onActivateRequest(): void {
    this.node.focus();
  }

  private async return(): Promise<void> {
    const last = this.before.pop();
    if (last) await this.read(last);
  }

  private async go(url: URL): Promise<void> {
    if (this.at) this.before.push(this.at);
    await this.read(url);
  }

  /** Shows a page, or says why it cannot be read. */
  private async read(url: URL): Promise<void> {
    try {
      await this.turnTo(url);
    } catch (error) {
      this.at = undefined;
      const text = (error as Error).message;
      this.put(new Widget({ node: element('p', { class: 'credence-problem', text }) }));
    }
  }

  private async turnTo(url: URL): Promise<void> {
    if (this.at?.pathname !== url.pathname) await this.render(url);
    this.at = url;
    this.back.setAttribute('aria-disabled', String(this.before.length === 0));
    const slug = decodeURIComponent(url.hash.slice(1));
    const heading = [...this.page.node.querySelectorAll('h1, h2, h3, h4')].find(
      ({ textContent }) => slugOf(textContent ?? '') === slug,
    );
    if (heading) heading.scrollIntoView();
    else this.node.scrollTop = 0;
  }

  private async render(url: URL): Promise<void> {
    const response = await fetch(url);
    if (!response.ok) throw new Error(t('This page could not be read: %1', response.statusText));
    const text = await response.text();
    const registry = this.rendermime.clone({
      resolver: {
        resolveUrl: (link) => Promise.resolve(new URL(link, url).href),
        getDownloadUrl: (address) => Promise.resolve(address),
      },
      linkHandler: { handleLink: () => undefined }, // the usual one looks for files of the server
    });
    const renderer = registry.createRenderer('text/markdown');
    await renderer.renderModel(registry.createModel({ data: { 'text/markdown': text } }));
    for (const link of renderer.node.querySelectorAll('a')) {
      const target = new URL(link.getAttribute('href') ?? '', url);
      const isElsewhere = target.origin !== folder.origin;
      // what is not installed is no link
      if (!isElsewhere && !isPage(target) && !isQuickstart(target)) link.replaceWith(...link.childNodes);
    }
    this.put(renderer);
  }

  private put(page: Widget): void {
    this.page.dispose();
    this.page = page;
    page.addClass('credence-page');
    (this.layout as PanelLayout).addWidget(page);
  }

  private click(event: MouseEvent): void {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    const target = link && new URL(link.getAttribute('href') ?? '', this.at);
    if (!target || (!isPage(target) && !isQuickstart(target))) return;
    event.preventDefault();
    if (isPage(target)) void this.go(target);
    else void this.app.commands.execute('credence:open-quickstart');
  }
}

const isPage = ({ href, pathname }: URL): boolean => href.startsWith(folder.href) && pathname.endsWith('.md');

const isQuickstart = ({ origin, pathname }: URL): boolean =>
  origin === folder.origin && pathname.endsWith('/notebooks/quickstart.ipynb');

/** What links call a heading, as on GitHub. */
const slugOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');

function button(text: string, act: () => void): HTMLButtonElement {
  const node = element('button', { class: 'credence-button', text, attributes: { type: 'button' } });
  node.addEventListener('click', act);
  return node;
}
