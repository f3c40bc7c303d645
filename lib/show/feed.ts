import { diffView } from '../figures/wire/patch';
import type { Change, Snapshot, View } from '../figures/wire/messages';
import type { Comm } from '../host';

/** A front end that has not said for so many states that they arrive is no longer there, or does not read. */
const PATIENCE = 32;
/** So many feeds of runs that have ended are kept: a notebook that is opened again asks for their last states. */
const KEPT = 50;

/** Who follows a run: each is sent the whole view once, and then what changes of it. */
export class Feed {
  /** With the number of the latest state that is known to have arrived. */
  private readonly followers = new Map<Comm, number>();
  private sequence = 0;
  private view: View | undefined;

  /**
   * @param run the run's id
   * @param onFollowers is told when somebody has come, or nobody is left
   * @param look gives the present state
   */
  constructor(
    readonly run: string,
    private readonly onFollowers: () => void,
    private look: (() => View) | undefined,
  ) {
    feeds.delete(run);
    feeds.set(run, this);
    const ended = [...feeds.values()].filter((feed) => !feed.look);
    for (const old of ended.slice(0, -KEPT)) feeds.delete(old.run);
  }

  get followed(): boolean {
    return this.followers.size > 0;
  }

  /** @param have the number of the latest state that has arrived, or null to get a whole view */
  follow(comm: Comm, have: number | null): void {
    if (have !== null && this.followers.has(comm)) {
      this.followers.set(comm, have);
      return;
    }
    if (this.look) this.publish(this.look());
    const message: Snapshot = {
      type: 'snapshot',
      run: this.run,
      sequence: this.sequence,
      view: this.view,
    };
    comm.send(message);
    if (!this.look) return; // nothing will change any more
    this.followers.set(comm, this.sequence);
    this.onFollowers();
  }

  leave(comm: Comm): void {
    if (this.followers.delete(comm) && !this.followed) this.onFollowers();
  }

  /** Sends a state to all who follow. */
  publish(view: View): void {
    const patch = this.view && diffView(this.view, view);
    if (this.view && !patch) return;
    this.view = view;
    this.sequence++;
    if (!patch) return; // the first state: whoever comes is sent it whole
    const message: Change = { type: 'change', run: this.run, sequence: this.sequence, patch };
    for (const [comm, seen] of this.followers) {
      if (this.sequence - seen > PATIENCE) this.leave(comm);
      else comm.send(message);
    }
  }

  /** The last state. Nobody follows any more, and the run is let go of. */
  end(view: View): void {
    this.publish(view);
    this.look = undefined;
    this.followers.clear();
  }
}

/** By the id of the run, in the order in which they were made. */
const feeds = new Map<string, Feed>();

/** The states of a run that this process computes, or did. */
export const feedOf = (run: string): Feed | undefined => feeds.get(run);

/** A front end is gone: it follows no run any more. */
export function leaveAll(comm: Comm): void {
  for (const feed of feeds.values()) feed.leave(comm);
}
