import { isActive } from '../../lib/figures/wire/progress';
import type { Progress } from '../../lib/figures/wire/messages';
import { element } from './element';
import { findLink, type Action, type RunLink } from './runLink';
import { t } from './texts';

/** Pause or resume, finish and stop: shown while the run is active and a kernel can answer. */
export class RunControls {
  private readonly toggle = button('credence-toggle');
  private readonly finish = button('credence-finish');
  private readonly stop = button('credence-stop');
  private readonly buttons = [this.toggle, this.finish, this.stop];
  readonly node = element(
    'div',
    {
      class: 'credence-controls',
      // JupyterLab would take Enter and Space for shortcuts of the notebook.
      attributes: { role: 'group', 'aria-label': t('Run'), 'data-lm-suppress-shortcuts': 'true', hidden: '' },
    },
    ...this.buttons,
  );

  private progress: Progress | undefined;
  private link: RunLink | undefined;
  private unsubscribe: (() => void) | undefined;
  private asking = false;

  /** @param onProblem is told why an action failed, or '' when one is on its way */
  constructor(private readonly onProblem: (message: string) => void) {
    this.toggle.addEventListener(
      'click',
      () => void this.ask(this.progress?.state === 'paused' ? 'resume' : 'pause'),
    );
    this.finish.addEventListener('click', () => void this.ask('finish'));
    this.finish.title = t('Ends the run after the present epoch');
    this.stop.addEventListener('click', () => void this.ask('stop'));
    this.stop.title = t('Ends the run after the present step; what was learned is kept');
  }

  render(progress: Progress): void {
    this.progress = progress;
    this.connect();
  }

  /** Looks for the kernel of the place that the controls are in by now. */
  connect(): void {
    if (!this.link && this.progress && isActive(this.progress.state) && this.node.isConnected) {
      this.link = findLink(this.node);
      this.unsubscribe = this.link?.onChange(() => this.update());
    }
    this.update();
  }

  dispose(): void {
    this.unsubscribe?.();
  }

  private update(): void {
    if (!this.progress) return;
    const { state } = this.progress;
    this.node.hidden = !isActive(state) || !this.link?.available;
    const paused = state === 'paused';
    if (paused) label(this.toggle, '▶', t('Resume'), t('Resume run'));
    else label(this.toggle, '❙❙', t('Pause'), t('Pause run'));
    label(this.finish, '▶❙', t('Finish'), t('Finish run'));
    label(this.stop, '■', t('Stop'), t('Stop run'));
    const busy = this.asking || state === 'stopping';
    // aria-disabled keeps the focus where it is while the kernel answers.
    for (const each of this.buttons) each.setAttribute('aria-disabled', String(busy));
  }

  private async ask(action: Action): Promise<void> {
    if (!this.progress || !this.link || this.stop.getAttribute('aria-disabled') === 'true') return;
    this.asking = true;
    this.onProblem('');
    this.update();
    const reply = await this.link.control(this.progress.id, action);
    this.asking = false;
    this.update();
    if (!reply.ok) this.onProblem(reply.message ?? t('The run did not obey.'));
  }
}

const button = (name: string): HTMLButtonElement =>
  element('button', { class: `credence-button ${name}`, attributes: { type: 'button' } });

/** @param name says the whole to who cannot see where the button is */
function label(target: HTMLButtonElement, icon: string, text: string, name: string): void {
  if (target.getAttribute('aria-label') === name) return;
  target.setAttribute('aria-label', name);
  target.replaceChildren(
    element('span', { class: 'credence-icon', text: icon, attributes: { 'aria-hidden': 'true' } }),
    element('span', { text }),
  );
}
