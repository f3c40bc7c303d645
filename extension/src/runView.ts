import 'credence-lab/style/index.css';
import { isActive } from '../../lib/figures/wire/progress';
import { parseView, type Figure, type Gone, type Progress, type View } from '../../lib/figures/wire/messages';
import { element } from './element';
import { FigureDetails } from './figureDetails';
import { FigureList } from './figureList';
import { HoverGroup } from './hoverGroup';
import { loadPlotly } from './plotlyLibrary';
import { RunHeader } from './runHeader';
import { findLink, type State } from './runLink';
import { t } from './texts';
import { onThemeChange } from './theme';

/**
 * Draws a view of the wire and redraws it in place. A run that goes on is followed: its states then come from the kernel at once, and
 * what is saved with the notebook comes behind. Whatever a payload says is shown as text, never as HTML.
 */
export class RunView {
  private header: RunHeader | undefined;
  private readonly hovers = new HoverGroup();
  private readonly figures = new FigureList(this.hovers);
  private readonly details = new FigureDetails(this.hovers);
  private readonly unsubscribe = onThemeChange(() => {
    this.figures.redraw();
    this.details.redraw();
  });
  /** The latest state, of a run. */
  private progress: Progress | undefined;
  /** Which run is followed, and whether its kernel sends states. */
  private following: { run: string; heard: boolean; end: () => void } | undefined;
  /** What became of the run after a step, where its kernel does not know it. */
  private lost: { step: number; gone: Gone } | undefined;

  constructor(private readonly node: HTMLElement) {
    node.append(this.figures.node, this.details.node);
  }

  /** Shows what was saved or sent with the notebook. @param picture what to show where it cannot be read */
  async show(payload: unknown, picture: unknown): Promise<void> {
    const parsed = parseView(payload);
    this.node.querySelector(':scope > .credence-unreadable')?.remove();
    if (!parsed.ok) {
      this.leave();
      await this.draw([], undefined);
      this.node.append(unreadable(parsed.reason, picture));
      return;
    }
    const view = parsed.value;
    const run = view.kind === 'run' ? view.progress.id : undefined;
    if (this.following && this.following.run !== run) this.leave();
    if (!this.following?.heard) await this.drawView(view);
  }

  /** The view came into the page. */
  attached(): void {
    this.header?.attached();
    this.follow();
  }

  dispose(): void {
    this.leave();
    this.unsubscribe();
    this.header?.dispose();
    this.figures.dispose();
    this.details.dispose();
  }

  /** Follows a run that goes on, if the kernel of this place can be asked. */
  private follow(): void {
    const { progress } = this;
    if (this.following || !progress || !isActive(progress.state) || !this.node.isConnected) return;
    const link = findLink(this.node);
    if (!link) return;
    const following = { run: progress.id, heard: false, end: (): void => undefined };
    this.following = following;
    following.end = link.follow(progress.id, (state) => {
      following.heard = state.type === 'view';
      this.hear(state);
    });
  }

  private leave(): void {
    this.following?.end();
    this.following = undefined;
    this.lost = undefined;
  }

  private hear(state: State): void {
    if (state.type === 'view') {
      this.lost = undefined;
      void this.drawView(state.view);
    } else if (this.progress && isActive(this.progress.state)) {
      this.lost = { step: this.progress.step, gone: state };
      this.renderProgress(this.progress);
    }
  }

  private async drawView(view: View): Promise<void> {
    const progress = view.kind === 'run' ? view.progress : undefined;
    const drawn = this.draw(view.figures, progress);
    this.follow();
    await drawn;
  }

  private async draw(figures: readonly Figure[], progress: Progress | undefined): Promise<void> {
    this.renderProgress(progress);
    await Promise.all([
      this.figures.render(figures.filter(({ detail }) => !detail)),
      this.details.render(figures.filter(({ detail }) => detail)),
    ]);
  }

  private renderProgress(progress: Progress | undefined): void {
    this.progress = progress;
    if (!progress) {
      this.header?.dispose();
      this.header = undefined;
      return;
    }
    // who still sends later states knows better
    const gone = this.lost?.step === progress.step ? this.lost.gone : undefined;
    if (!this.header) {
      this.header = new RunHeader();
      this.node.prepend(this.header.node);
      // while the first step is compiled, there is time to load what the first figure needs
      if (isActive(progress.state)) loadPlotly().catch(() => undefined);
    }
    const message = gone && `${t('This is the last state that was shown.')} ${gone.message}`;
    this.header.render(gone && message ? { ...progress, state: gone.state, eta: null, message } : progress);
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
      text: t('This view cannot be shown: %1', reason),
      attributes: { role: 'alert' },
    }),
  );
  if (typeof picture === 'string') {
    const src = `data:image/svg+xml,${encodeURIComponent(picture)}`;
    node.append(element('img', { attributes: { src, alt: t('The picture saved with the view') } }));
  }
  return node;
}
