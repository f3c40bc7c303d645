import type { ISessionContext } from '@jupyterlab/apputils';
import type { Reply } from '../../lib/figures/wire/messages';
import { canAnswer } from './currentKernel';
import type { Action, RunLink, StateListener } from './runLink';
import type { RunComm } from './runComm';
import { t } from './texts';

/** The way to the kernel of one notebook or console. What talks with the kernel is loaded when there is something to say. */
export class KernelLink implements RunLink {
  private comm: Promise<RunComm> | undefined;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly context: ISessionContext) {
    const changed = (): void => {
      for (const listener of this.listeners) listener();
    };
    context.kernelChanged.connect(changed);
    context.statusChanged.connect(changed);
  }

  get available(): boolean {
    return canAnswer(this.context);
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async control(run: string, action: Action): Promise<Reply> {
    try {
      return await (await this.load()).control(run, action);
    } catch {
      const message = t('A part of the extension could not be loaded: is the server there?');
      return { type: 'reply', run, ok: false, message };
    }
  }

  follow(run: string, listener: StateListener): () => void {
    let end: (() => void) | undefined;
    let left = false;
    this.load().then(
      (comm) => {
        if (!left) end = comm.follow(run, listener);
      },
      () => undefined, // what was saved stays
    );
    return () => {
      left = true;
      end?.();
    };
  }

  /** A failed load is tried again the next time. */
  private load(): Promise<RunComm> {
    this.comm ??= import('./runComm').then(
      ({ RunComm }) => new RunComm(this.context),
      (error: unknown) => {
        this.comm = undefined;
        throw error;
      },
    );
    return this.comm;
  }
}
