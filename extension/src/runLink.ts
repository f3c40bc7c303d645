/**
 * How a view in the page finds who can control its run, without knowing JupyterLab: it sends an event up the document,
 * and whoever knows the kernel of that place answers by accepting it. Where nobody does (another front end, a file,
 * nbconvert), there are no buttons.
 */
import type { Control, Reply } from '../../lib/figures/wire';

export type Action = Control['action'];

/** The way to the kernel that a run lives in. */
export interface RunLink {
  /** Whether there is a kernel that could answer. */
  readonly available: boolean;
  /** Calls back when `available` may have changed. Returns the function that unsubscribes. */
  onChange(listener: () => void): () => void;
  /** Asks the kernel; never rejects, a failure is a reply that is not ok. */
  control(run: string, action: Action): Promise<Reply>;
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
