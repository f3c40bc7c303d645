import { DEFAULT_HEIGHT } from '../../lib/figures/plotly';
import type { Figure } from '../../lib/figures/wire';
import { element } from './element';
import { loadPlotly } from './plotlyLibrary';
import { plotConfig, themed } from './plotLayout';
import { readTheme } from './theme';

/** Nothing is drawn faster than the screen shows it, nor in a tab that is not looked at. */
const nextFrame = (): Promise<unknown> => new Promise((resolve) => requestAnimationFrame(resolve));

/** One figure in the page: title, plot, and the description for who cannot see it. Redrawn in place. */
export class FigurePlot {
  private readonly title = element('figcaption', { class: 'credence-figureTitle' });
  private readonly plot = element('div', { class: 'credence-plot', attributes: { role: 'group' } });
  private readonly problem = element('p', { class: 'credence-problem', attributes: { hidden: '' } });
  readonly node = element('figure', { class: 'credence-figure' }, this.title, this.plot, this.problem);

  private figure: Figure | undefined;
  private drawing: Promise<void> | undefined;
  private stale = false;
  private disposed = false;
  private purge: (() => void) | undefined;
  private width = 0;
  private readonly sizes = new ResizeObserver(() => this.fit());

  constructor() {
    this.sizes.observe(this.plot);
  }

  /** Shows a figure; resolves when it is drawn, or at once where nothing can be seen of it yet. */
  async render(figure: Figure): Promise<void> {
    this.figure = figure;
    this.title.textContent = figure.title;
    this.plot.setAttribute('aria-label', figure.description);
    this.plot.style.minHeight = `${figure.layout.height ?? DEFAULT_HEIGHT}px`;
    await this.redraw();
  }

  /** Draws the latest figure in the theme of the moment. What arrives while it draws is drawn after it, the last wins. */
  async redraw(): Promise<void> {
    this.stale = true;
    this.drawing ??= this.drawWhileStale();
    await this.drawing;
  }

  dispose(): void {
    this.disposed = true;
    this.sizes.disconnect();
    this.purge?.();
    this.node.remove();
  }

  private async drawWhileStale(): Promise<void> {
    await nextFrame();
    while (this.stale && !this.disposed && this.figure && this.plot.clientWidth > 0) {
      try {
        await this.draw();
        this.problem.hidden = true;
      } catch (error) {
        this.stale = false;
        this.problem.textContent = `This figure could not be drawn (${String(error)}). ${this.figure.description}`;
        this.problem.hidden = false;
      }
      await nextFrame();
    }
    this.drawing = undefined;
  }

  private async draw(): Promise<void> {
    const plotly = await loadPlotly();
    if (this.disposed || !this.figure) return;
    this.stale = false;
    this.width = this.plot.clientWidth;
    const { data, layout } = themed(this.figure, readTheme(this.plot));
    // Plotly measures its width when it draws first, and not again: a figure that gets a neighbour must be told
    await plotly.react(this.plot, data, { ...layout, width: this.width }, plotConfig(this.figure));
    this.purge = () => plotly.purge(this.plot);
    if (this.disposed) this.purge();
  }

  /** A hidden figure (a closed tab, a collapsed output) is drawn when it gets a width, a drawn one follows its width. */
  private fit(): void {
    const width = this.plot.clientWidth;
    if (width > 0 && (this.stale || width !== this.width)) void this.redraw();
  }
}
