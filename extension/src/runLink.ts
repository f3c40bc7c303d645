/**
 * How a view in the page finds who knows its run, without knowing JupyterLab: it sends an event up the document,
 * and whoever knows the kernel of that place answers by accepting it. Where nobody does (another front end, a file,
 * nbconvert), there are no buttons, and the view stays as it was saved.
 */
import type { Control, Gone, Reply, View } from '../../lib/figures/wire/messages';

export type Action = Control['action'];

/** What is heard of a run that is followed: its present state, or that its kernel is gone. */
export type State = { type: 'view'; view: View } | Gone;
export type StateListener = (state: State) => void;

/** The way to the kernel that a run lives in. */
export interface RunLink {
  /** Whether there is a kernel that could answer. */
  readonly available: boolean;
  /** Calls back when `available` may have changed. Returns the function that unsubscribes. */
  onChange(listener: () => void): () => void;
  /** Asks the kernel; never rejects, a failure is a reply that is not ok. */
  control(run: string, action: Action): Promise<Reply>;
  /** Calls back with the states of a run as they come. Returns the function that ends it. */
  follow(run: string, listener: StateListener): () => void;
}

const EVENT = 'credence:link';

interface LinkRequest {
  accept(link: RunLink): void;
}

/** Asks for the link of the place that `node` is in. */
export function findLink(node: Node): RunLink | undefined {
  let found: RunLink | undefined;
  const detail: LinkRequest = { accept: (link) => (found ??= link) };
  node.dispatchEvent(new CustomEvent<LinkRequest>(EVENT, { bubbles: true, detail }));
  return found;
}

/** Answers the questions of views: `linkAt` knows the link of the place that a node is in, if any. */
export function offerLinks(linkAt: (node: Node) => RunLink | undefined): void {
  document.addEventListener(EVENT, (event) => {
    const link = event.target instanceof Node ? linkAt(event.target) : undefined;
    if (link) (event as CustomEvent<LinkRequest>).detail.accept(link);
  });
}
