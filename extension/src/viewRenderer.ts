import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { Widget } from '@lumino/widgets';
import { MIME_TYPE, parseView, type Figure, type Progress } from '../../lib/figures/wire';
import { element } from './element';
import { FigurePlot } from './figurePlot';
import { RunHeader } from './runHeader';
import { onThemeChange } from './theme';

/** Draws a view of the wire and redraws it in place. Whatever the payload says is shown as text, never as HTML. */
export class ViewRenderer extends Widget implements IRenderMime.IRenderer {
  private header: RunHeader | undefined;
  private plots: FigurePlot[] = [];
  private readonly figures = element('div', { class: 'credence-figures' });
  private readonly unsubscribe = onThemeChange(() => {
    for (const plot of this.plots) void plot.redraw();
  });

  constructor() {
    super();
    this.addClass('credence-view');
    this.node.append(this.figures);
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const parsed = parseView(model.data[MIME_TYPE]);
    this.node.querySelector(':scope > .credence-unreadable')?.remove();
    if (!parsed.ok) {
      this.renderProgress(undefined);
      await this.renderFigures([]);
      this.node.append(unreadable(parsed.reason, model.data['image/svg+xml']));
      return;
    }
    this.renderProgress(parsed.value.kind === 'run' ? parsed.value.progress : undefined);
    await this.renderFigures(parsed.value.figures);
  }

  override dispose(): void {
    if (this.isDisposed) return;
    this.unsubscribe();
    this.header?.dispose();
    for (const plot of this.plots) plot.dispose();
    super.dispose();
  }

  protected override onAfterAttach(): void {
    this.header?.attached();
  }

  private renderProgress(progress: Progress | undefined): void {
    if (!progress) {
      this.header?.dispose();
      this.header = undefined;
      return;
    }
    if (!this.header) {
      this.header = new RunHeader();
      this.node.prepend(this.header.node);
    }
    this.header.render(progress);
  }

  private async renderFigures(figures: readonly Figure[]): Promise<void> {
    for (const plot of this.plots.splice(figures.length)) plot.dispose();
    while (this.plots.length < figures.length) {
      const plot = new FigurePlot();
      this.plots.push(plot);
      this.figures.append(plot.node);
    }
    await Promise.all(this.plots.map((plot, i) => plot.render(figures[i]!)));
  }
}

/**
 * Says why a view cannot be drawn, and shows the picture that came with it. In an <img> a browser runs no script and
 * loads nothing, whatever the picture says.
 */
function unreadable(reason: string, picture: unknown): HTMLElement {
  const node = element(
    'div',
    { class: 'credence-unreadable' },
    element('p', {
      class: 'credence-problem',
      text: `This view cannot be shown: ${reason}`,
      attributes: { role: 'alert' },
    }),
  );
  if (typeof picture === 'string') {
    const src = `data:image/svg+xml,${encodeURIComponent(picture)}`;
    node.append(element('img', { attributes: { src, alt: 'The picture saved with the view' } }));
  }
  return node;
}
