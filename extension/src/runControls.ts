import { isActive } from '../../lib/figures/progress';
import type { Progress } from '../../lib/figures/wire';
import { element } from './element';
import { findLink, type Action, type RunLink } from './runLink';

/** Pause or resume, and stop: shown while the run is active and a kernel can answer. */
export class RunControls {
  private readonly toggle = button('credence-toggle');
  private readonly stop = button('credence-stop');
  readonly node = element(
    'div',
    {
      class: 'credence-controls',
      // JupyterLab would take Enter and Space for shortcuts of the notebook.
      attributes: { role: 'group', 'aria-label': 'Run', 'data-lm-suppress-shortcuts': 'true', hidden: '' },
    },
    this.toggle,
    this.stop,
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
    this.stop.addEventListener('click', () => void this.ask('stop'));
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
    label(this.toggle, paused ? '▶' : '❙❙', paused ? 'Resume' : 'Pause');
    label(this.stop, '■', 'Stop');
    const busy = this.asking || state === 'stopping';
    // aria-disabled keeps the focus where it is while the kernel answers.
    for (const each of [this.toggle, this.stop]) each.setAttribute('aria-disabled', String(busy));
  }

  private async ask(action: Action): Promise<void> {
    if (!this.progress || !this.link || this.stop.getAttribute('aria-disabled') === 'true') return;
    this.asking = true;
    this.onProblem('');
    this.update();
    const reply = await this.link.control(this.progress.id, action);
    this.asking = false;
    this.update();
    if (!reply.ok) this.onProblem(reply.message ?? `The run could not ${action}.`);
  }
}

const button = (name: string): HTMLButtonElement =>
  element('button', { class: `credence-button ${name}`, attributes: { type: 'button' } });

function label(target: HTMLButtonElement, icon: string, text: string): void {
  if (target.getAttribute('aria-label') === `${text} run`) return;
  target.setAttribute('aria-label', `${text} run`);
  target.replaceChildren(
    element('span', { class: 'credence-icon', text: icon, attributes: { 'aria-hidden': 'true' } }),
    element('span', { text }),
  );
}
