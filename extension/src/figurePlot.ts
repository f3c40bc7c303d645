import type { Plotly, PlotlyElement } from 'plotly.js-basic-dist-min';
import { adjusted, isOverSteps } from '../../lib/figures/adjust';
import { diff } from '../../lib/figures/wire/jsonPatch';
import { DEFAULT_HEIGHT } from '../../lib/figures/wire/plotly';
import type { Figure } from '../../lib/figures/wire/messages';
import { element } from './element';
import { exportFigure, type Format } from './exportFigure';
import { FigureTools } from './figureTools';
import type { HoverGroup, Hoverable } from './hoverGroup';
import { loadPlotly } from './plotlyLibrary';
import { plotConfig, themed } from './plotLayout';
import { t } from './texts';
import { readTheme } from './theme';

/** Nothing is drawn faster than the screen shows it, nor in a tab that is not looked at. */
const nextFrame = (): Promise<unknown> => new Promise((resolve) => requestAnimationFrame(resolve));

/** One figure in the page: title, tools, plot, and the description for who cannot see it. Redrawn in place. */
export class FigurePlot implements Hoverable {
  private readonly title = element('figcaption', { class: 'credence-figureTitle' });
  private readonly tools = new FigureTools(
    () => void this.redraw(),
    (format) => void this.export(format),
  );
  private readonly plot = element('div', { class: 'credence-plot', attributes: { role: 'group' } });
  private readonly problem = element('p', { class: 'credence-problem', attributes: { hidden: '' } });
  readonly node = element(
    'figure',
    { class: 'credence-figure' },
    element('div', { class: 'credence-figureTop' }, this.title, this.tools.node),
    this.plot,
    this.problem,
  );

  private figure: Figure | undefined;
  private drawing: Promise<void> | undefined;
  private stale = false;
  private disposed = false;
  private drawn: { plotly: Plotly; plot: PlotlyElement } | undefined;
  private width = 0;
  private readonly sizes = new ResizeObserver(() => this.fit());

  /** @param group the figures that point at the same step together */
  constructor(private readonly group: HoverGroup) {
    this.sizes.observe(this.plot);
    group.add(this);
  }

  /** Shows a figure; resolves when it is drawn, or at once where nothing can be seen of it yet. */
  async render(figure: Figure): Promise<void> {
    if (this.figure && !diff(this.figure, figure)) return;
    this.figure = figure;
    this.title.textContent = figure.title;
    this.tools.render(figure);
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

  showAt(step: number): void {
    if (!this.drawn || !this.figure || !isOverSteps(this.figure)) return;
    this.drawn.plotly.Fx.hover(this.drawn.plot, { xval: step }, 'xy', true);
  }

  showNothing(): void {
    this.drawn?.plotly.Fx.unhover(this.drawn.plot);
  }

  dispose(): void {
    this.disposed = true;
    this.group.remove(this);
    this.sizes.disconnect();
    this.drawn?.plotly.purge(this.plot);
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
        this.problem.textContent = t(
          'This figure could not be drawn (%1). %2',
          String(error),
          this.figure.description,
        );
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
    const figure = adjusted(this.figure, this.tools.adjustments);
    const { data, layout } = themed(figure, readTheme(this.plot));
    // Plotly measures its width when it draws first, and not again: a figure that gets a neighbour must be told
    const plot = await plotly.react(this.plot, data, { ...layout, width: this.width }, plotConfig(figure));
    if (!this.drawn) this.listen(plot);
    this.drawn = { plotly, plot };
    if (this.disposed) plotly.purge(this.plot);
  }

  private listen(plot: PlotlyElement): void {
    plot.on('plotly_hover', ({ points }) => {
      const step = points[0]?.x;
      if (typeof step !== 'number' || !this.figure || !isOverSteps(this.figure)) return;
      this.group.hovered(this, step);
    });
    plot.on('plotly_unhover', () => this.group.hovered(this, undefined));
  }

  private async export(format: Format): Promise<void> {
    if (this.figure && this.drawn) await exportFigure(this.figure, this.drawn.plot, format);
  }

  /** A hidden figure (a closed tab, a collapsed output) is drawn when it gets a width, a drawn one follows its width. */
  private fit(): void {
    const width = this.plot.clientWidth;
    if (width > 0 && (this.stale || width !== this.width)) void this.redraw();
  }
}
