import {
  parseRunsMessage,
  RUNS_TARGET,
  type RunsAnswer,
  type RunsList,
  type RunsRequest,
} from '../../lib/figures/wire/runsWire';
import type { KernelConnection } from './currentKernel';
import { t } from './texts';

/** A kernel that has not answered after so many milliseconds is stuck in code of its own. */
const PATIENCE = 10_000;

type Question = Exclude<RunsRequest, { type: 'watch' }>;
type Asked = Question extends infer Q ? (Q extends Question ? Omit<Q, 'question'> : never) : never;

export interface RunsListener {
  /** The runs as they are now. */
  list(list: RunsList): void;
  /** There will be no more lists, and why. */
  problem(message: string): void;
}

/** The list of runs of one kernel, over a comm that is open as long as the list is shown. */
export class RunsLink {
  private readonly comm: ReturnType<KernelConnection['createComm']>;
  private readonly waiting = new Map<number, (answer: RunsAnswer) => void>();
  private asked = 0;
  private closed = false;

  constructor(
    kernel: KernelConnection,
    private readonly listener: RunsListener,
  ) {
    this.comm = kernel.createComm(RUNS_TARGET);
    this.comm.onMsg = ({ content }) => this.receive(content.data);
    this.comm.onClose = () =>
      this.end(t('This kernel cannot list runs. Install matching versions of credence and credence-lab.'));
    this.comm.open();
  }

  get isOpen(): boolean {
    return !this.closed && !this.comm.isDisposed;
  }

  /** Asks for lists: now, and whenever they change. @param every milliseconds between two lists at least */
  watch(every: number, limit: number): void {
    this.send({ type: 'watch', every, limit });
  }

  /** Never rejects: what fails is refused, with the reason. */
  ask(asked: Asked): Promise<RunsAnswer> {
    const question = ++this.asked;
    return new Promise((resolve) => {
      const answer = (given: RunsAnswer): void => {
        clearTimeout(timer);
        this.waiting.delete(question);
        resolve(given);
      };
      const refuse = (): void =>
        answer({ type: 'refused', question, message: t('The kernel did not answer.') });
      const timer = setTimeout(refuse, PATIENCE);
      this.waiting.set(question, answer);
      if (!this.send({ ...asked, question })) refuse();
    });
  }

  close(): void {
    if (!this.isOpen) return;
    this.closed = true; // first: the comm tells that it was closed, which then is no news
    this.comm.close();
  }

  private send(request: RunsRequest): boolean {
    if (!this.isOpen) return false;
    this.comm.send(request);
    return true;
  }

  private receive(data: unknown): void {
    const parsed = parseRunsMessage(data);
    if (!parsed.ok) {
      this.end(t("The kernel's list of runs cannot be read: %1", parsed.reason));
      this.close();
    } else if (parsed.value.type === 'list') this.listener.list(parsed.value);
    else this.waiting.get(parsed.value.question)?.(parsed.value);
  }

  private end(problem: string): void {
    if (this.closed) return;
    this.listener.problem(problem);
    for (const [question, answer] of this.waiting) answer({ type: 'refused', question, message: problem });
  }
}
