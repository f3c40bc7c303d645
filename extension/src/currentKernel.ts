import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ISessionContext } from '@jupyterlab/apputils';
import { Signal } from '@lumino/signaling';
import type { Widget } from '@lumino/widgets';
import { isOurs } from './ownKernel';

export type KernelConnection = NonNullable<NonNullable<ISessionContext['session']>['kernel']>;

/** What runs behind the notebook or console in front. */
export type Situation =
  | { kind: 'none' }
  /** It is not known yet what kernel it is, or whether it can answer. */
  | { kind: 'starting'; name: string }
  | { kind: 'other'; name: string; kernel: string }
  | { kind: 'ours'; name: string; kernel: KernelConnection; context: ISessionContext };

/** Notebooks and consoles, whatever package they come from, are widgets that have a session context. */
export const sessionContextOf = (widget: Widget | null | undefined): ISessionContext | undefined =>
  (widget as { sessionContext?: ISessionContext } | null | undefined)?.sessionContext;

/** Whether there is a kernel that could answer. */
export function canAnswer({ session }: ISessionContext): boolean {
  const kernel = session?.kernel;
  return kernel != null && !kernel.isDisposed && kernel.status !== 'dead' && kernel.status !== 'terminating';
}

/** The kernel that the person works with: that of the notebook in front, or of the one that was in front last. */
export class CurrentKernel {
  readonly changed = new Signal<this, Situation>(this);
  situation: Situation = { kind: 'none' };
  /** The notebook or console itself. */
  widget: Widget | undefined;

  constructor(private readonly shell: JupyterFrontEnd.IShell) {
    shell.currentChanged?.connect(this.follow, this);
    this.follow();
  }

  private follow(): void {
    const context = sessionContextOf(this.shell.currentWidget);
    if (!context || context.isDisposed) return;
    // a tab of a run has the session context of the notebook, which was there before it
    const widget = [...this.shell.widgets('main')].find((each) => sessionContextOf(each) === context);
    if (!widget || widget === this.widget) return;
    const before = sessionContextOf(this.widget);
    before?.kernelChanged.disconnect(this.look, this);
    before?.statusChanged.disconnect(this.look, this);
    this.widget?.disposed.disconnect(this.forget, this);
    this.widget = widget;
    context.kernelChanged.connect(this.look, this);
    context.statusChanged.connect(this.look, this);
    widget.disposed.connect(this.forget, this);
    this.look();
  }

  private forget(): void {
    this.widget = undefined;
    this.tell({ kind: 'none' });
  }

  private look(): void {
    void this.find();
  }

  private async find(): Promise<void> {
    const { widget } = this;
    const context = sessionContextOf(widget);
    const kernel = context?.session?.kernel;
    const name = widget?.title.label ?? '';
    if (!context || !kernel) return this.tell({ kind: 'none' });
    const answers = ['idle', 'busy'].includes(kernel.status);
    if (!answers) this.tell({ kind: 'starting', name });
    const spec = await kernel.spec.catch(() => undefined);
    if (this.widget !== widget || context.session?.kernel !== kernel || !answers) return;
    this.tell(
      isOurs(spec)
        ? { kind: 'ours', name, kernel, context }
        : { kind: 'other', name, kernel: spec?.display_name ?? kernel.name },
    );
  }

  private tell(situation: Situation): void {
    const { kind } = situation;
    const same =
      kind === this.situation.kind &&
      (kind !== 'ours' || (this.situation.kind === 'ours' && this.situation.kernel === situation.kernel));
    this.situation = situation;
    if (!same || kind === 'other') this.changed.emit(situation);
  }
}
