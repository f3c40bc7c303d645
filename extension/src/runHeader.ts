import { percent } from '../../lib/figures/numbers';
import { doneShare, facts, metric, stateLabels } from '../../lib/figures/wire/progress';
import type { Progress } from '../../lib/figures/wire/messages';
import { element } from './element';
import { RunControls } from './runControls';
import { language, t } from './texts';

/** What is known of a run: state, progress, rate, time left, metrics, and its controls. */
export class RunHeader {
  private readonly state = element('span', { class: 'credence-state', attributes: { role: 'status' } });
  private readonly facts = element('p', { class: 'credence-facts' });
  private readonly share = element('span', {
    class: 'credence-share',
    attributes: { 'aria-hidden': 'true' },
  });
  private readonly fill = element('div', { class: 'credence-progressFill' });
  private readonly bar = element(
    'div',
    {
      class: 'credence-progress',
      attributes: { role: 'progressbar', 'aria-label': t('Training steps'), 'aria-valuemin': '0' },
    },
    this.fill,
  );
  private readonly metrics = element('dl', { class: 'credence-metrics' });
  private metricNames: readonly string[] = [];
  private values: readonly HTMLElement[] = [];
  private readonly message = element('p', { class: 'credence-message' });
  private readonly problem = element('p', { class: 'credence-problem', attributes: { role: 'alert' } });
  private readonly controls = new RunControls((message) => this.setProblem(message));
  readonly node = element(
    'section',
    { class: 'credence-run', attributes: { 'aria-label': t('Training run') } },
    element('div', { class: 'credence-runTop' }, this.state, this.bar, this.share, this.controls.node),
    this.facts,
    this.metrics,
    this.message,
    this.problem,
  );

  constructor() {
    this.setProblem('');
  }

  render(progress: Progress): void {
    const { state, step, steps, message } = progress;
    this.node.dataset.state = state;
    // An unchanged text is left alone, or a screen reader would say it at every update.
    const label = t(stateLabels[state]);
    if (this.state.textContent !== label) this.state.textContent = label;
    const told = facts(progress, language);
    this.facts.textContent = told.join(' · ');
    this.fill.style.width = `${100 * doneShare(progress)}%`;
    this.share.textContent = percent(doneShare(progress));
    this.bar.setAttribute('aria-valuemax', String(steps));
    this.bar.setAttribute('aria-valuenow', String(step));
    this.bar.setAttribute('aria-valuetext', told.join(', '));
    this.renderMetrics(Object.entries(progress.metrics));
    this.metrics.hidden = this.metrics.childElementCount === 0;
    this.message.textContent = message;
    this.message.hidden = message === null;
    this.controls.render(progress);
  }

  /** Elements stay where the names are the same: they are many, and redrawn often. */
  private renderMetrics(metrics: readonly [name: string, value: number | null][]): void {
    const names = metrics.map(([name]) => name);
    if (this.metricNames.join('\n') !== names.join('\n')) {
      this.metricNames = names;
      this.values = names.map(() => element('dd'));
      this.metrics.replaceChildren(
        ...names.map((name, i) =>
          element('div', { class: 'credence-metric' }, element('dt', { text: name }), this.values[i]!),
        ),
      );
    }
    metrics.forEach(([, value], i) => (this.values[i]!.textContent = metric(value)));
  }

  /** The header came into the page. */
  attached(): void {
    this.controls.connect();
  }

  dispose(): void {
    this.controls.dispose();
    this.node.remove();
  }

  private setProblem(message: string): void {
    this.problem.textContent = message;
    this.problem.hidden = message === '';
  }
}
