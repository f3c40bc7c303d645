import { applyPatch } from '../../lib/figures/wire/patch';
import { type Change, type Gone, parseView, type Snapshot, type View } from '../../lib/figures/wire/messages';
import type { StateListener } from './runLink';

/** The kernel is told after so many states that they arrive; it gives up on who is silent for 32. */
const ACKNOWLEDGE = 8;

/** The states of one run: a whole view and changes of it, put together for all views of the run in the page. */
export class RunStream {
  private readonly listeners = new Set<StateListener>();
  private view: View | undefined;
  private sequence = 0;
  /** A whole view was asked for and has not come yet: changes of another state make no sense. */
  private waiting = true;

  /** @param ask asks the kernel for states: says which one has arrived, or null to get a whole view */
  constructor(private readonly ask: (have: number | null) => void) {}

  get followed(): boolean {
    return this.listeners.size > 0;
  }

  follow(listener: StateListener): () => void {
    this.listeners.add(listener);
    if (this.view && !this.waiting) listener({ type: 'view', view: this.view });
    return () => this.listeners.delete(listener);
  }

  /** Begins, or begins anew. */
  start(): void {
    this.waiting = true;
    this.ask(null);
  }

  receive(news: Snapshot | Change | Gone): void {
    if (news.type === 'gone') return this.tell(news);
    const view = news.type === 'snapshot' ? parseView(news.view) : this.changed(news);
    if (!view?.ok) {
      if (!this.waiting) this.start();
      return;
    }
    this.waiting = false;
    this.view = view.value;
    this.sequence = news.sequence;
    if (this.sequence % ACKNOWLEDGE === 0) this.ask(this.sequence);
    this.tell({ type: 'view', view: view.value });
  }

  /** The kernel, or the way to it, is gone. */
  tell(state: Parameters<StateListener>[0]): void {
    for (const listener of [...this.listeners]) listener(state);
  }

  private changed({ sequence, patch }: Change) {
    if (this.waiting || !this.view || sequence !== this.sequence + 1) return undefined;
    return applyPatch(this.view, patch);
  }
}
