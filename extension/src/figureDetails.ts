import type { Figure } from '../../lib/figures/wire/messages';
import { element } from './element';
import { FigureList } from './figureList';
import type { HoverGroup } from './hoverGroup';
import { t } from './texts';

/** Figures that are shown when they are asked for. Until then they are not drawn: nothing can be measured that is hidden. */
export class FigureDetails {
  private readonly list: FigureList;
  private figures: readonly Figure[] = [];
  readonly node = element(
    'details',
    {
      class: 'credence-details',
      // JupyterLab would take Enter and Space for shortcuts of the notebook.
      attributes: { hidden: '', 'data-lm-suppress-shortcuts': 'true' },
    },
    element('summary', { text: t('Training details') }),
  );

  constructor(hovers: HoverGroup) {
    this.list = new FigureList(hovers);
    this.node.append(this.list.node);
    this.node.addEventListener('toggle', () => {
      void this.render(this.figures);
      this.redraw(); // the theme may be another one by now
    });
  }

  /** Shows these figures, now or when they are asked for. */
  async render(figures: readonly Figure[]): Promise<void> {
    this.figures = figures;
    this.node.hidden = figures.length === 0;
    if (this.node.open) await this.list.render(figures);
  }

  redraw(): void {
    if (this.node.open) this.list.redraw();
  }

  dispose(): void {
    this.list.dispose();
  }
}
