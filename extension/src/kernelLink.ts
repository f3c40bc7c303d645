import type { ISessionContext } from '@jupyterlab/apputils';
import { COMM_TARGET, parseReply, type Control, type Reply } from '../../lib/figures/wire';
import type { Action, RunLink } from './runLink';

type KernelConnection = NonNullable<NonNullable<ISessionContext['session']>['kernel']>;
type KernelComm = ReturnType<KernelConnection['createComm']>;

/** A kernel that has not answered after so many milliseconds is stuck in code of its own. */
const PATIENCE = 5000;

interface Question {
  run: string;
  answer(reply: Reply): void;
}

/** Controls runs over a comm with the kernel of one notebook or console. The comm is opened when it is first needed. */
export class KernelLink implements RunLink {
  private comm: KernelComm | undefined;
  private readonly questions = new Set<Question>();
  private readonly listeners = new Set<() => void>();

  constructor(private readonly context: ISessionContext) {
    const changed = (): void => {
      const status = context.session?.kernel?.status;
      if (!this.available || status === 'restarting' || status === 'autorestarting') this.forget();
      for (const listener of this.listeners) listener();
    };
    context.kernelChanged.connect(() => {
      this.forget();
      changed();
    });
    context.statusChanged.connect(changed);
  }

  get available(): boolean {
    const kernel = this.context.session?.kernel;
    return (
      kernel != null && !kernel.isDisposed && kernel.status !== 'dead' && kernel.status !== 'terminating'
    );
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  control(run: string, action: Action): Promise<Reply> {
    const kernel = this.context.session?.kernel;
    if (!kernel) return Promise.resolve(failure(run, 'There is no kernel.'));
    return new Promise((resolve) => {
      const answer = (reply: Reply): void => {
        clearTimeout(timer);
        this.questions.delete(question);
        resolve(reply);
      };
      const question: Question = { run, answer };
      const timer = setTimeout(() => answer(failure(run, 'The kernel did not answer.')), PATIENCE);
      this.questions.add(question);
      const message: Control = { type: 'control', run, action };
      try {
        this.connect(kernel).send(message);
      } catch (error) {
        answer(failure(run, `The kernel could not be asked: ${String(error)}`));
      }
    });
  }

  private connect(kernel: KernelConnection): KernelComm {
    if (this.comm && !this.comm.isDisposed) return this.comm;
    const comm = kernel.createComm(COMM_TARGET);
    comm.onMsg = ({ content }) => this.receive(content.data);
    comm.onClose = () => this.forget('The kernel does not know this run: it belongs to an earlier session.');
    comm.open();
    this.comm = comm;
    return comm;
  }

  private receive(data: unknown): void {
    const parsed = parseReply(data);
    if (!parsed.ok) return this.answerAll(`The kernel's answer could not be read: ${parsed.reason}`);
    for (const question of this.questions) {
      if (question.run === parsed.value.run) return question.answer(parsed.value);
    }
  }

  /** The comm died with the kernel that it led to. */
  private forget(reason = 'The kernel was restarted.'): void {
    this.comm = undefined;
    this.answerAll(reason);
  }

  private answerAll(reason: string): void {
    for (const question of [...this.questions]) question.answer(failure(question.run, reason));
  }
}

const failure = (run: string, message: string): Reply => ({ type: 'reply', run, ok: false, message });
