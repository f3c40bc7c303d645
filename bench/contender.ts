import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { CredenceError } from '../lib/errors';
import type { Message, Ran, Ready } from './wire';

/** How a contender is started. */
export interface Command {
  program: string;
  args: readonly string[];
  variables: Record<string, string>;
}

/** Compiling takes a minute at most; what takes longer hangs. */
const LIMIT_MS = 300_000;

/** A contender's process, which sleeps unless it is its turn. */
export class Contender {
  private readonly child: ChildProcess;
  private readonly lines: Interface;
  private complaints = '';
  /** Why it can do no more. */
  private end: CredenceError | undefined;
  private answer: { resolve(message: Message): void; reject(error: CredenceError): void } | undefined;

  private constructor(
    readonly name: string,
    { program, args, variables }: Command,
  ) {
    this.child = spawn(program, args, {
      env: { ...process.env, ...variables },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.complaints = (this.complaints + text).slice(-4000);
    });
    this.child.stdin!.on('error', () => undefined); // a process that has ended says why by its end
    this.child.on('error', ({ message }) => this.fail(message));
    this.child.on('close', (code, signal) => this.fail(`it ended (${signal ?? `exit code ${code}`})`));
    this.lines = createInterface({ input: this.child.stdout! });
    this.lines.on('line', (line) => this.answer?.resolve(JSON.parse(line) as Message));
  }

  /**
   * Starts a contender; resolves after its first step.
   * @throws CredenceError E_RUN if it cannot run here
   */
  static async start(name: string, command: Command): Promise<[contender: Contender, ready: Ready]> {
    const contender = new Contender(name, command);
    try {
      return [contender, (await contender.next()) as Ready];
    } catch (error) {
      contender.stop();
      throw error;
    }
  }

  /** @throws CredenceError E_RUN if it fails at it */
  run(steps: number): Promise<Ran> {
    this.child.stdin!.write(`run ${steps}\n`);
    return this.next() as Promise<Ran>;
  }

  /** Its next message. */
  private async next(): Promise<Message> {
    const timer = setTimeout(() => this.fail(`it did not answer in ${LIMIT_MS / 1000} s`), LIMIT_MS);
    try {
      return await new Promise<Message>((resolve, reject) => {
        if (this.end) reject(this.end);
        else this.answer = { resolve, reject };
      });
    } finally {
      this.answer = undefined;
      clearTimeout(timer);
    }
  }

  private fail(reason: string): void {
    const lines = this.complaints.trim().split('\n');
    const said = lines.findLast((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1)!;
    this.end ??= new CredenceError('E_RUN', `${this.name}: ${reason}${said === '' ? '' : `: ${said}`}`);
    this.answer?.reject(this.end);
  }

  stop(): void {
    this.lines.close();
    this.child.kill('SIGKILL'); // there is nothing to be lost
  }
}
