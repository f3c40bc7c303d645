import type { ISessionContext } from '@jupyterlab/apputils';
import {
  COMM_TARGET,
  type Control,
  type Follow,
  type Gone,
  type Leave,
  parseNews,
  type Reply,
} from '../../lib/figures/wire/messages';
import { canAnswer } from './currentKernel';
import type { Action, StateListener } from './runLink';
import { RunStream } from './runStream';
import { t } from './texts';

type KernelConnection = NonNullable<NonNullable<ISessionContext['session']>['kernel']>;
type KernelComm = ReturnType<KernelConnection['createComm']>;

/** A kernel that has not answered after so many milliseconds is stuck in code of its own. */
const PATIENCE = 5000;

interface Question {
  run: string;
  answer(reply: Reply): void;
}

/** Controls and follows runs over a comm with the kernel of one notebook or console. The comm is opened when it is first needed. */
export class RunComm {
  private comm: KernelComm | undefined;
  private readonly questions = new Set<Question>();
  private readonly streams = new Map<string, RunStream>();
  /** The kernel was lost or restarted: when it is there again, it is asked for all runs that are followed. */
  private lost = false;

  constructor(private readonly context: ISessionContext) {
    const changed = (): void => {
      const status = context.session?.kernel?.status;
      if (!this.available || status === 'restarting' || status === 'autorestarting') this.forget();
      else if (this.lost && (status === 'idle' || status === 'busy')) this.startAll();
    };
    context.kernelChanged.connect(() => {
      this.forget();
      changed();
    });
    context.statusChanged.connect(changed);
    context.connectionStatusChanged.connect((_, status) => {
      if (status === 'connected') this.startAll();
    });
  }

  /** Never rejects. */
  control(run: string, action: Action): Promise<Reply> {
    return new Promise((resolve) => {
      const answer = (reply: Reply): void => {
        clearTimeout(timer);
        this.questions.delete(question);
        resolve(reply);
      };
      const question: Question = { run, answer };
      const timer = setTimeout(() => answer(failure(run, t('The kernel did not answer.'))), PATIENCE);
      this.questions.add(question);
      if (!this.send({ type: 'control', run, action })) answer(failure(run, t('There is no kernel.')));
    });
  }

  follow(run: string, listener: StateListener): () => void {
    const known = this.streams.get(run);
    const stream = known ?? new RunStream((have) => this.send({ type: 'follow', run, have }));
    this.streams.set(run, stream);
    const end = stream.follow(listener);
    if (!known) stream.start();
    return () => {
      end();
      if (stream.followed || this.streams.get(run) !== stream) return;
      this.streams.delete(run);
      if (this.comm) this.send({ type: 'leave', run });
    };
  }

  private get available(): boolean {
    return canAnswer(this.context);
  }

  /** Whether there was a kernel to send it to. */
  private send(message: Control | Follow | Leave): boolean {
    const kernel = this.context.session?.kernel;
    if (!kernel || !this.available) return false;
    try {
      this.connect(kernel).send(message);
      return true;
    } catch {
      return false; // the kernel has just been shut down
    }
  }

  private connect(kernel: KernelConnection): KernelComm {
    if (this.comm && !this.comm.isDisposed) return this.comm;
    const comm = kernel.createComm(COMM_TARGET);
    comm.onMsg = ({ content }) => this.receive(content.data);
    comm.onClose = () => {
      if (this.comm !== comm) return;
      this.comm = undefined; // not to be opened again by itself: it would be closed again
      this.answerAll(t('The kernel does not know this run: it belongs to an earlier session.'));
      this.tellAll(t('Its kernel is gone.'));
    };
    comm.open();
    this.comm = comm;
    return comm;
  }

  private receive(data: unknown): void {
    const parsed = parseNews(data);
    if (!parsed.ok) return this.answerAll(t("The kernel's answer could not be read: %1", parsed.reason));
    const news = parsed.value;
    if (news.type !== 'reply') return this.streams.get(news.run)?.receive(news);
    for (const question of this.questions) {
      if (question.run === news.run) return question.answer(news);
    }
  }

  private startAll(): void {
    this.lost = false;
    for (const stream of this.streams.values()) stream.start();
  }

  /** The comm died with the kernel that it led to. */
  private forget(): void {
    this.comm = undefined;
    this.lost = true;
    this.answerAll(t('The kernel was restarted.'));
    if (!this.available) this.tellAll(t('Its kernel was shut down.'));
  }

  private tellAll(message: string): void {
    for (const [run, stream] of this.streams) stream.tell(interrupted(run, message));
  }

  private answerAll(reason: string): void {
    for (const question of [...this.questions]) question.answer(failure(question.run, reason));
  }
}

const failure = (run: string, message: string): Reply => ({ type: 'reply', run, ok: false, message });

const interrupted = (run: string, message: string): Gone => ({
  type: 'gone',
  run,
  state: 'interrupted',
  message,
});
