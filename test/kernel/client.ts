import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Dealer, Subscriber } from 'zeromq';
import { kernelCommand } from '../../kernel/install';
import {
  createHeader,
  frame,
  type Header,
  type Message,
  parseMessage,
  serialise,
  Signer,
} from '../../kernel/message';

type Channel = 'shell' | 'control' | 'stdin';

/** What a request came to: its reply, and what was published about it until it was idle. */
export interface Answer {
  reply: Message;
  outputs: Message[];
}

const folders: string[] = [];
process.on('exit', () => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** A temporary folder that is removed when the test process ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'credence-kernel-'));
  folders.push(folder);
  return folder;
}

/** Five ports that were free just now. */
async function freePorts(): Promise<number[]> {
  const servers = Array.from({ length: 5 }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

/** Writes a connection file for these ports, and returns its path. */
export function connectionFile(
  ports: readonly number[],
  signing: { key: string; signature_scheme?: string },
): string {
  const [shell_port, iopub_port, stdin_port, control_port, hb_port] = ports;
  const file = path.join(temporaryFolder(), 'connection.json');
  const address = {
    transport: 'tcp',
    ip: '127.0.0.1',
    shell_port,
    iopub_port,
    stdin_port,
    control_port,
    hb_port,
  };
  writeFileSync(file, JSON.stringify({ ...address, ...signing }));
  return file;
}

/** A front end: starts a kernel and talks to it, as a Jupyter server does. */
export class KernelClient {
  readonly published: Message[] = [];
  readonly questions: Message[] = [];
  readonly replies: Message[] = [];
  private readonly signer: Signer;
  private readonly waiters = new Set<() => void>();
  private readonly shell = new Dealer();
  private readonly control = new Dealer();
  private readonly stdin = new Dealer();
  private readonly iopub = new Subscriber();
  private readonly session = createHeader('', '').msg_id;
  private log = '';

  private constructor(
    readonly process: ChildProcess,
    readonly ports: number[],
    readonly key: string,
  ) {
    this.signer = new Signer(key);
    process.stderr?.on('data', (data: Buffer) => (this.log += data.toString()));
    const [shell, iopub, stdin, control] = ports.map((port) => `tcp://127.0.0.1:${port}`) as [
      string,
      string,
      string,
      string,
    ];
    // questions go to the identity that asked to execute
    this.shell.routingId = this.stdin.routingId = this.session;
    this.shell.connect(shell);
    this.control.connect(control);
    this.stdin.connect(stdin);
    this.iopub.subscribe();
    this.iopub.connect(iopub);
    void this.collect(this.shell, this.replies);
    void this.collect(this.control, this.replies);
    void this.collect(this.stdin, this.questions);
    void this.collect(this.iopub, this.published);
  }

  /** Starts a kernel (by default ours) in a folder (by default an empty one) and waits until it answers. */
  static async start(
    options: { cwd?: string; env?: NodeJS.ProcessEnv; command?: string[] } = {},
  ): Promise<KernelClient> {
    const cwd = options.cwd ?? temporaryFolder();
    const ports = await freePorts();
    const key = createHeader('', '').msg_id;
    const file = connectionFile(ports, { key, signature_scheme: 'hmac-sha256' });
    const [node, ...argv] = (options.command ?? kernelCommand()) as [string, ...string[]];
    const child = spawn(node, [...argv, file], {
      cwd,
      // a kernel does not outlive the tests, whatever becomes of them
      env: { ...process.env, JPY_PARENT_PID: String(process.pid), ...options.env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const client = new KernelClient(child, ports, key);
    // what is published before the subscription has arrived is lost, so jupyter_client asks again, too
    for (let heard = false; !heard;) {
      const asked = await client.send('shell', 'kernel_info_request', {});
      await client.until('the kernel', () => client.replies.length > 0);
      const idle = ({ parent, content }: Message) =>
        parent.msg_id === asked.msg_id && content['execution_state'] === 'idle';
      heard = await client.until('idle', () => client.published.some(idle), 100).catch(() => false);
    }
    return client;
  }

  /** The server's log: what the kernel wrote to its own stderr. */
  get serverLog(): string {
    return this.log;
  }

  /** Sends a message and returns its header. */
  async send(
    channel: Channel,
    type: string,
    content: object,
    extras: { metadata?: object; buffers?: Uint8Array[]; parent?: Header } = {},
  ): Promise<Header> {
    const header = createHeader(type, this.session);
    const parts = serialise(header, extras.parent ?? {}, content, extras.metadata);
    await this.sendFrames(channel, frame([], parts, extras.buffers ?? [], this.signer));
    return header;
  }

  /** Sends frames as they are. */
  async sendFrames(channel: Channel, frames: (string | Uint8Array)[]): Promise<void> {
    await this[channel].send(frames);
  }

  /** Sends a request, and waits for the reply and for `idle`. */
  async request(
    channel: 'shell' | 'control',
    type: string,
    content: object,
    extras: { metadata?: object; buffers?: Uint8Array[] } = {},
  ): Promise<Answer> {
    return this.answer(await this.send(channel, type, content, extras));
  }

  /** Waits for the reply to a request and for `idle`. */
  async answer({ msg_id, msg_type }: Header): Promise<Answer> {
    const mine = ({ parent }: Message) => parent.msg_id === msg_id;
    const reply = await this.until(`the reply to ${msg_type}`, () => this.replies.find(mine));
    await this.until(`idle after ${msg_type}`, () =>
      this.published.find((message) => mine(message) && message.content['execution_state'] === 'idle'),
    );
    const outputs = this.published.filter(
      (message) => mine(message) && !['status', 'execute_input'].includes(message.header.msg_type),
    );
    return { reply, outputs };
  }

  /** Runs a cell. */
  execute(code: string, content: object = {}, metadata: object = {}): Promise<Answer> {
    return this.request('shell', 'execute_request', { code, ...content }, { metadata });
  }

  /** Waits until something is there, at most a minute. */
  async until<T>(what: string, look: () => T | undefined | false, patience = 60_000): Promise<T> {
    const end = Date.now() + patience;
    for (;;) {
      const found = look();
      if (found !== undefined && found !== false) return found;
      if (Date.now() > end) throw new Error(`${what} did not come. The kernel's log: ${this.log}`);
      await new Promise<void>((resolve) => {
        const wake = () => {
          clearTimeout(timer);
          this.waiters.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, 100);
        this.waiters.add(wake);
      });
    }
  }

  /** Ends the kernel, and waits until it is gone. */
  async stop(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      this.process.kill('SIGKILL');
      await once(this.process, 'exit');
    }
    for (const socket of [this.shell, this.control, this.stdin, this.iopub]) socket.close();
  }

  private async collect(socket: AsyncIterable<Buffer[]>, messages: Message[]): Promise<void> {
    for await (const frames of socket) {
      messages.push(parseMessage(frames, this.signer));
      for (const wake of [...this.waiters]) wake();
    }
  }
}

/** Starts a cell that loops until it is interrupted, and waits until it does. */
export async function looping(kernel: KernelClient): Promise<Header> {
  const header = await kernel.send('shell', 'execute_request', { code: `console.log('on'); for (;;) {}` });
  await kernel.until('the loop', () =>
    kernel.published.some(
      ({ parent, content }) => parent.msg_id === header.msg_id && content['text'] === 'on\n',
    ),
  );
  return header;
}

/** The text that a cell printed. */
export const printed = ({ outputs }: Answer, name: 'stdout' | 'stderr' = 'stdout'): string =>
  outputs
    .filter(({ header, content }) => header.msg_type === 'stream' && content['name'] === name)
    .map(({ content }) => content['text'] as string)
    .join('');

/** The outputs of one type. */
export const ofType = ({ outputs }: Answer, type: string): Message[] =>
  outputs.filter(({ header }) => header.msg_type === type);

/** The MIME bundle of a message. */
export const dataOf = (message: Message | undefined): Record<string, unknown> =>
  (message?.content['data'] ?? {}) as Record<string, unknown>;
