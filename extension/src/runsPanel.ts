import 'credence-lab/style/index.css';
import 'credence-lab/style/panel.css';
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Dialog, type ISessionContext, showDialog } from '@jupyterlab/apputils';
import { Widget } from '@lumino/widgets';
import type { ListedRun, RunsAnswer, RunsList } from '../../lib/figures/wire/runsWire';
import type { CurrentKernel, Situation } from './currentKernel';
import { element } from './element';
import { insertCell } from './notebookCells';
import { RunEntry, type RunAction, runName } from './runEntry';
import type { RunLink } from './runLink';
import { RunsLink } from './runsLink';
import { RunTab } from './runTab';
import type { Settings } from './settings';
import { showTab } from './tab';
import { t, tn } from './texts';

export interface RunsPanelOptions {
  shell: JupyterFrontEnd.IShell;
  current: CurrentKernel;
  /** The way to the controls of the runs of a kernel. */
  linkTo(context: ISessionContext): RunLink;
  openQuickstart(): void;
  insertSnippet(): void;
  settings: Settings;
}

/** The runs of the kernel in front and those on disk, and what can be done with them. */
export class RunsPanel extends Widget {
  private readonly where = element('p', { class: 'credence-where' });
  private readonly compareButton = element('button', {
    class: 'credence-button credence-compare',
    text: t('Compare'),
    attributes: { type: 'button' },
  });
  private readonly problem = element('p', {
    class: 'credence-problem',
    attributes: { role: 'alert', hidden: '' },
  });
  private readonly empty = element('div', { class: 'credence-empty', attributes: { hidden: '' } });
  private readonly list = element('ul', { class: 'credence-list', attributes: { 'aria-label': t('Runs') } });
  private readonly more = element('button', {
    class: 'credence-button',
    text: t('Show more'),
    attributes: { type: 'button', hidden: '' },
  });
  private readonly entries = new Map<string, RunEntry>();
  private link: RunsLink | undefined;
  private limit: number;

  constructor(private readonly options: RunsPanelOptions) {
    super();
    this.addClass('credence-panel');
    this.limit = options.settings.listed;
    // JupyterLab would take keys for shortcuts of the notebook
    this.node.dataset['lmSuppressShortcuts'] = 'true';
    this.node.append(
      element(
        'header',
        { class: 'credence-panelTop' },
        element('h2', { text: t('Runs') }),
        this.compareButton,
      ),
      this.where,
      this.problem,
      this.empty,
      this.list,
      this.more,
    );
    this.compareButton.addEventListener('click', () => void this.compare());
    this.more.addEventListener('click', () => {
      this.limit += this.options.settings.listed;
      this.watch();
    });
    this.updateChoice();
    options.current.changed.connect(this.connect, this);
  }

  /** Uses other settings from now on. */
  configure(settings: Settings): void {
    this.options.settings = settings;
    this.limit = Math.max(this.limit, settings.listed);
    this.watch();
  }

  /** Shows the chosen runs side by side, or says that some have to be chosen. */
  async compare(): Promise<void> {
    const chosen = this.chosen.map(({ run }) => run);
    if (chosen.length < 2) return this.tell(t('Choose two or more runs in the list to compare them.'));
    const { situation } = this.options.current;
    const answer = await this.ask({ type: 'compare', runs: chosen.map(({ id }) => id) });
    if (answer?.type !== 'comparison' || situation.kind !== 'ours') return;
    const title = tn('Comparison of %1 run', 'Comparison of %1 runs', chosen.length);
    const id = `credence-compare-${chosen.map((run) => run.id).join('-')}`;
    await this.tab(id, title, situation.context, answer.view, answer.table);
  }

  override dispose(): void {
    if (this.isDisposed) return;
    this.disconnect();
    this.options.current.changed.disconnect(this.connect, this);
    super.dispose();
  }

  protected override onAfterShow(): void {
    this.connect();
  }

  protected override onAfterAttach(): void {
    if (this.isVisible) this.connect();
  }

  /** Nobody looks: the kernel need not tell. */
  protected override onBeforeHide(): void {
    this.disconnect();
  }

  protected override onBeforeDetach(): void {
    this.disconnect();
  }

  private get chosen(): RunEntry[] {
    return [...this.entries.values()].filter((entry) => entry.isChosen);
  }

  private disconnect(): void {
    this.link?.close();
    this.link = undefined;
  }

  /** Leads the list to the kernel of the moment. */
  private connect(): void {
    const { situation } = this.options.current;
    this.disconnect();
    if (!this.isVisible) return;
    this.tell('');
    this.where.textContent = situation.kind === 'none' ? '' : situation.name;
    if (situation.kind !== 'ours') {
      this.renderList([], 0);
      return this.renderEmpty(this.hint(situation));
    }
    if (this.entries.size === 0) this.renderEmpty(element('p', { text: t('Asking the kernel …') }));
    this.link = new RunsLink(situation.kernel, {
      list: (list) => this.render(list),
      problem: (message) => this.tell(message),
    });
    this.watch();
  }

  private watch(): void {
    this.link?.watch(Math.round(1000 * this.options.settings.refresh), this.limit);
  }

  private render({ runs, total, folder, trouble }: RunsList): void {
    this.tell(trouble ?? '');
    this.renderList(runs, total);
    this.renderEmpty(runs.length === 0 && trouble === null ? this.noRuns(folder) : undefined);
  }

  /** Entries that stay are updated in place, and moved only where the order has changed. */
  private renderList(runs: readonly ListedRun[], total: number): void {
    const gone = new Set(this.entries.keys());
    runs.forEach((run, i) => {
      gone.delete(run.id);
      let entry = this.entries.get(run.id);
      if (entry) entry.render(run);
      else {
        const act = (action: RunAction, on: ListedRun): void => void this.act(action, on);
        entry = new RunEntry(run, act, () => {
          this.tell('');
          this.updateChoice();
        });
        this.entries.set(run.id, entry);
      }
      if (this.list.children[i] !== entry.node)
        this.list.insertBefore(entry.node, this.list.children[i] ?? null);
    });
    for (const id of gone) {
      this.entries.get(id)?.node.remove();
      this.entries.delete(id);
    }
    this.list.hidden = runs.length === 0;
    this.more.hidden = total <= runs.length;
    this.updateChoice();
  }

  private updateChoice(): void {
    const count = this.chosen.length;
    this.compareButton.hidden = this.entries.size < 2;
    this.compareButton.setAttribute('aria-disabled', String(count < 2));
    this.compareButton.textContent = count < 2 ? t('Compare') : t('Compare %1', count);
  }

  private async act(action: RunAction, run: ListedRun): Promise<void> {
    const { situation } = this.options.current;
    if (situation.kind !== 'ours') return;
    this.tell('');
    switch (action) {
      case 'open':
        return this.open(run.id, runName(run), situation.context);
      case 'delete':
        return this.remove(run);
      case 'continue':
        return this.goOn(run, situation.context);
      default: {
        const reply = await this.options.linkTo(situation.context).control(run.id, action);
        if (!reply.ok) this.tell(reply.message ?? t('The run could not do that.'));
      }
    }
  }

  private async open(run: string, title: string, context: ISessionContext): Promise<void> {
    const answer = await this.ask({ type: 'open', run });
    if (answer?.type === 'view') await this.tab(`credence-run-${run}`, title, context, answer.view);
  }

  private async remove(run: ListedRun): Promise<void> {
    const { button } = await showDialog({
      title: t('Delete run %1?', runName(run)),
      body: t('Its losses and its weights are deleted from the disk. This cannot be undone.'),
      buttons: [Dialog.cancelButton(), Dialog.warnButton({ label: t('Delete') })],
      defaultButton: 0,
    });
    if (button.accept) await this.ask({ type: 'remove', run: run.id });
  }

  /** A run of which the kernel knows with what it was started goes on at once, any other by code that the person completes. */
  private async goOn(run: ListedRun, context: ISessionContext): Promise<void> {
    const answer = await this.ask({ type: 'resume', run: run.id });
    if (answer?.type === 'resumed') await this.open(run.id, runName(run), context);
    if (answer?.type !== 'code') return;
    const { widget } = this.options.current;
    if (widget && insertCell(widget, answer.code)) this.options.shell.activateById(widget.id);
    else this.tell(t('Resume it in a notebook: %1', answer.code));
  }

  /** Asks the kernel, and says so if it refuses. */
  private async ask(question: Parameters<RunsLink['ask']>[0]): Promise<RunsAnswer | undefined> {
    const answer = await this.link?.ask(question);
    if (answer?.type === 'refused') this.tell(answer.message);
    return answer;
  }

  private async tab(
    id: string,
    title: string,
    context: ISessionContext,
    ...shown: Parameters<RunTab['display']>
  ): Promise<void> {
    const tab = showTab(this.options.shell, id, () => new RunTab({ id, title, context }));
    await tab.display(...shown);
  }

  private tell(problem: string): void {
    if (this.problem.textContent !== problem) this.problem.textContent = problem;
    this.problem.hidden = problem === '';
  }

  private renderEmpty(content: Node | undefined): void {
    this.empty.hidden = content === undefined;
    this.empty.replaceChildren(...(content ? [content] : []));
  }

  private hint(situation: Exclude<Situation, { kind: 'ours' }>): Node {
    switch (situation.kind) {
      case 'starting':
        return element('p', { text: t('The kernel is starting …') });
      case 'none':
        return this.offer(
          t('No notebook with a kernel is open.'),
          t(
            'Runs of Bayesian neural networks are listed here: those that train now, and those kept on disk.',
          ),
        );
      case 'other':
        return this.offer(
          t('The kernel of this notebook is %1.', situation.kernel),
          t('Runs are listed for notebooks with the TypeScript (Credence) kernel.'),
        );
    }
  }

  private offer(title: string, text: string): Node {
    return state(title, text, t('Open the quickstart'), () => this.options.openQuickstart());
  }

  private noRuns(folder: string): Node {
    const text = t(
      'A run that is started with fit(model, data, options) shows here, and is kept in %1.',
      folder,
    );
    return state(t('No runs yet.'), text, t('Insert an example'), () => this.options.insertSnippet());
  }
}

/** What to say where there is nothing to list, and what to do about it. */
function state(title: string, text: string, action: string, act: () => void): Node {
  const button = element('button', {
    class: 'credence-button credence-primary',
    text: action,
    attributes: { type: 'button' },
  });
  button.addEventListener('click', act);
  return element('div', {}, element('h3', { text: title }), element('p', { text }), button);
}
