import { adjustable, type Adjustments, unadjusted } from '../../lib/figures/adjust';
import type { Figure } from '../../lib/figures/wire/messages';
import { element } from './element';
import { type Format, FORMATS } from './exportFigure';
import { preferences } from './preferences';
import { t } from './texts';

/** What a person can do with one figure: smooth it, change its scales, hide its legend, save it. Only what makes sense is there. */
export class FigureTools {
  /** As the person has set them; they outlast updates of the figure. */
  adjustments: Adjustments = { ...unadjusted, ...preferences };

  private readonly slider = element('input', {
    attributes: { type: 'range', min: '0', max: '0.99', step: '0.01', value: '0' },
  });
  private readonly smoothing = element(
    'label',
    { class: 'credence-smoothing' },
    element('span', { text: t('Smoothing') }),
    this.slider,
  );
  private readonly logX = toggle(t('log x'), t('Logarithmic x axis'));
  private readonly logY = toggle(t('log y'), t('Logarithmic y axis'));
  private readonly legend = toggle(t('Legend'), t('Legend'));
  private readonly save = element('summary', { class: 'credence-tool', text: t('Export') });
  private readonly menu = element(
    'details',
    { class: 'credence-export' },
    this.save,
    element('div', { class: 'credence-formats' }, ...FORMATS.map((format) => this.saver(format))),
  );
  readonly node = element(
    'div',
    {
      class: 'credence-tools',
      // JupyterLab would take Enter, Space and arrows for shortcuts of the notebook.
      attributes: {
        role: 'group',
        'aria-label': t('Tools of the figure'),
        'data-lm-suppress-shortcuts': 'true',
      },
    },
    this.smoothing,
    this.logX,
    this.logY,
    this.legend,
    this.menu,
  );

  private figure: Figure | undefined;

  /** @param onChange is called when the figure is to be drawn anew */
  constructor(
    private readonly onChange: () => void,
    private readonly onExport: (format: Format) => void,
  ) {
    this.slider.addEventListener('input', () => this.change({ smoothing: Number(this.slider.value) }));
    this.slider.addEventListener('keydown', (event) => {
      // a notebook takes the arrow keys of all that is in it, also of a slider
      if (event.key.startsWith('Arrow')) event.stopPropagation();
    });
    this.logX.addEventListener('click', () => this.change({ logX: !isPressed(this.logX) }));
    this.logY.addEventListener('click', () => this.change({ logY: !isPressed(this.logY) }));
    this.legend.addEventListener('click', () => this.change({ legend: !isPressed(this.legend) }));
    this.menu.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.closeMenu();
    });
    this.menu.addEventListener('focusout', ({ relatedTarget }) => {
      if (relatedTarget instanceof Node && !this.menu.contains(relatedTarget)) this.menu.open = false;
    });
  }

  /** Offers what makes sense for a figure. */
  render(figure: Figure): void {
    this.figure = figure;
    const can = adjustable(figure);
    this.smoothing.hidden = !can.smoothing;
    this.logX.hidden = !can.logX;
    this.logY.hidden = !can.logY;
    this.legend.hidden = !can.legend;
    this.save.setAttribute('aria-label', t('Export %1', figure.title));
    this.update();
  }

  private change(adjustments: Partial<Adjustments>): void {
    this.adjustments = { ...this.adjustments, ...adjustments };
    this.update();
    this.onChange();
  }

  private update(): void {
    const { smoothing, logX, logY, legend } = this.adjustments;
    const { xaxis, yaxis } = this.figure?.layout ?? {};
    press(this.logX, logX ?? xaxis?.type === 'log');
    press(this.logY, logY ?? yaxis?.type === 'log');
    press(this.legend, legend);
    this.slider.value = String(smoothing);
    const text = smoothing > 0 ? String(smoothing) : t('none');
    this.slider.setAttribute('aria-valuetext', text);
    this.smoothing.title = t('Smoothing: %1', text);
  }

  private saver(format: Format): HTMLButtonElement {
    const button = element('button', {
      class: 'credence-format',
      text: format.toUpperCase(),
      attributes: { type: 'button', 'aria-label': t('Export as %1', format.toUpperCase()) },
    });
    button.addEventListener('click', () => {
      this.closeMenu();
      this.onExport(format);
    });
    return button;
  }

  private closeMenu(): void {
    this.menu.open = false;
    this.save.focus();
  }
}

const toggle = (text: string, label: string): HTMLButtonElement =>
  element('button', {
    class: 'credence-tool',
    text,
    attributes: { type: 'button', 'aria-label': label, title: label },
  });

const isPressed = (button: HTMLButtonElement): boolean => button.getAttribute('aria-pressed') === 'true';

const press = (button: HTMLButtonElement, on: boolean): void =>
  button.setAttribute('aria-pressed', String(on));
