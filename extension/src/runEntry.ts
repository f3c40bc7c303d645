import { readable } from '../../lib/figures/numbers';
import { duration, isActive, stateLabels } from '../../lib/figures/wire/progress';
import type { ListedRun } from '../../lib/figures/wire/runsWire';
import { DeviceBars } from './deviceBars';
import { element } from './element';
import { t, tn } from './texts';

/** What a person may do with a run of the list. */
export type RunAction = 'open' | 'pause' | 'resume' | 'stop' | 'continue' | 'delete';

const icons: Readonly<Partial<Record<RunAction, string>>> = {
  pause: '❙❙',
  resume: '▶',
  stop: '■',
  continue: '▶',
};

const verbs = (): Record<RunAction, string> => ({
  open: t('Open'),
  pause: t('Pause'),
  resume: t('Resume'),
  stop: t('Stop'),
  continue: t('Resume'),
  delete: t('Delete'),
});

/** When a run was started: today the time tells it from the others, before that the day. Its id is told where there is room. */
export function runName({ started }: ListedRun): string {
  const date = new Date(started);
  const today = date.toDateString() === new Date().toDateString();
  return date.toLocaleString(undefined, {
    hourCycle: 'h23',
    hour: '2-digit',
    minute: '2-digit',
    ...(today ? { second: '2-digit' } : { day: 'numeric', month: 'short' }),
  });
}

/** What can be done with a run in this state, in the order of the buttons. */
function actionsOf({ state, live }: ListedRun): RunAction[] {
  if (state === 'unreadable') return ['delete'];
  if (live && state === 'stopping') return ['open'];
  if (live) return ['open', state === 'paused' ? 'resume' : 'pause', 'stop'];
  if (isActive(state)) return ['open']; // another process trains it
  return state === 'done' ? ['open', 'delete'] : ['open', 'continue', 'delete'];
}

/** A run in the list: state, progress, figures, devices, and what can be done with it. Updated in place. */
export class RunEntry {
  private readonly chosen = element('input', { attributes: { type: 'checkbox' } });
  private readonly name = element('button', { class: 'credence-listedName', attributes: { type: 'button' } });
  private readonly state = element('span', { class: 'credence-listedState' });
  private readonly fill = element('div', { class: 'credence-progressFill' });
  private readonly bar = element(
    'div',
    { class: 'credence-progress', attributes: { role: 'progressbar', 'aria-valuemin': '0' } },
    this.fill,
  );
  private readonly facts = element('ul', { class: 'credence-listedFacts' });
  private readonly devices = new DeviceBars();
  private readonly message = element('p', { class: 'credence-message' });
  private readonly buttons = element('div', { class: 'credence-controls', attributes: { role: 'group' } });
  readonly node = element(
    'li',
    { class: 'credence-listed' },
    element('div', { class: 'credence-listedTop' }, this.chosen, this.name, this.state),
    this.bar,
    this.facts,
    this.devices.node,
    this.message,
    this.buttons,
  );
  private shown = '';

  /**
   * @param act does what a button says
   * @param onChoice is told when the run is chosen to be compared, or no longer
   */
  constructor(
    public run: ListedRun,
    private readonly act: (action: RunAction, run: ListedRun) => void,
    onChoice: () => void,
  ) {
    this.name.addEventListener('click', () => this.act('open', this.run));
    this.chosen.addEventListener('change', onChoice);
    this.render(run);
  }

  get isChosen(): boolean {
    return this.chosen.checked;
  }

  render(run: ListedRun): void {
    this.run = run;
    const { state, step, steps, message } = run;
    const name = runName(run);
    const readableFiles = state !== 'unreadable';
    this.node.dataset['state'] = state;
    this.name.textContent = name;
    this.name.title = run.id;
    this.name.setAttribute('aria-label', t('Open run %1', name));
    this.name.disabled = !readableFiles;
    this.chosen.disabled = !readableFiles;
    this.chosen.setAttribute('aria-label', t('Compare run %1', name));
    this.state.textContent = readableFiles ? t(stateLabels[state]) : t('Unreadable');
    this.bar.hidden = !readableFiles || state === 'done';
    const share = steps > 0 ? Math.min(1, step / steps) : 0;
    this.fill.style.width = `${100 * share}%`;
    this.bar.setAttribute('aria-label', t('Steps of run %1', name));
    this.bar.setAttribute('aria-valuemax', String(steps));
    this.bar.setAttribute('aria-valuenow', String(step));
    this.facts.replaceChildren(...factsOf(run).map((text) => element('li', { text })));
    this.facts.hidden = !readableFiles;
    this.devices.render(run.devices);
    this.message.textContent = message;
    this.message.hidden = message === null;
    this.renderButtons(actionsOf(run), name);
  }

  /** The same buttons stay: whoever is on one with the keyboard stays there. */
  private renderButtons(actions: readonly RunAction[], name: string): void {
    if (actions.join() === this.shown) return;
    const focused = this.buttons.contains(document.activeElement);
    this.shown = actions.join();
    const words = verbs();
    this.buttons.setAttribute('aria-label', t('Run %1', name));
    this.buttons.replaceChildren(
      ...actions.map((action) => {
        const button = element(
          'button',
          {
            class: `credence-button credence-${action}`,
            attributes: { type: 'button', 'aria-label': t('%1 run %2', words[action], name) },
          },
          ...iconOf(action),
          element('span', { text: words[action] }),
        );
        button.addEventListener('click', () => this.act(action, this.run));
        return button;
      }),
    );
    // a button that became another one ('Pause', 'Resume') keeps the focus
    if (focused) (this.buttons.children[Math.min(1, actions.length - 1)] as HTMLElement).focus();
  }
}

const iconOf = (action: RunAction): Node[] => {
  const text = icons[action];
  return text === undefined
    ? []
    : [element('span', { class: 'credence-icon', text, attributes: { 'aria-hidden': 'true' } })];
};

function factsOf({ step, steps, loss, samples, workers, elapsed }: ListedRun): string[] {
  return [
    t('step %1 of %2', step, steps),
    ...(loss === null ? [] : [t('loss %1', readable(loss, 4))]),
    ...(samples === null ? [] : [tn('%1 sample', '%1 samples', samples)]),
    ...(workers === null ? [] : [tn('%1 worker', '%1 workers', workers)]),
    ...(elapsed === null ? [] : [duration(elapsed)]),
  ];
}
