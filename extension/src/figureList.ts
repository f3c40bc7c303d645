import type { Figure } from '../../lib/figures/wire/messages';
import { element } from './element';
import { FigurePlot } from './figurePlot';
import type { HoverGroup } from './hoverGroup';

/** Figures side by side as far as they fit, each redrawn in place. */
export class FigureList {
  readonly node = element('div', { class: 'credence-figures' });
  private readonly plots: FigurePlot[] = [];

  constructor(private readonly hovers: HoverGroup) {}

  /** Shows these figures; resolves when they are drawn, or at once where nothing can be seen of them yet. */
  async render(figures: readonly Figure[]): Promise<void> {
    for (const plot of this.plots.splice(figures.length)) plot.dispose();
    while (this.plots.length < figures.length) {
      const plot = new FigurePlot(this.hovers);
      this.plots.push(plot);
      this.node.append(plot.node);
    }
    await Promise.all(this.plots.map((plot, i) => plot.render(figures[i]!)));
  }

  /** Draws them in the theme of the moment. */
  redraw(): void {
    for (const plot of this.plots) void plot.redraw();
  }

  dispose(): void {
    for (const plot of this.plots) plot.dispose();
  }
}
