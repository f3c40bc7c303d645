import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { CredenceError } from '../lib/errors';
import { type Channel, Flag, type ToMain, type ToTransport, type TransportData } from './channel';
import { readConnection } from './connection';
import { Gather } from './gather';
import { createHeader, frame, type Header, type Message, parseMessage, serialise, Signer } from './message';
import { watchParent } from './parent';
import { type SocketListener, Sockets } from './sockets';
import { Watchdog } from './watchdog';

/** Milliseconds the main thread is given to exit by itself. */
const GRACE = 1000;

/** The transport thread: moves messages, and answers itself what must not wait for a busy main thread. */
class Transport implements SocketListener {
  private readonly refusals = new Set<string>();
  private readonly gather = new Gather(({ name, parent }, text) =>
    this.publish('stream', parent, { name, text }),
  );
  private info: Record<string, unknown> = {};
  private ending = false;

  constructor(
    private readonly sockets: Sockets,
    private readonly signer: Signer,
    private readonly watchdog: Watchdog,
    private readonly flags: Int32Array,
    private readonly session: string,
    private readonly post: (message: ToMain) => void,
  ) {}

  /** What the main thread wants. */
  accept(order: ToTransport): void {
    switch (order.kind) {
      case 'print':
        Atomics.sub(this.flags, Flag.Printed, order.text.length);
        Atomics.notify(this.flags, Flag.Printed);
        return this.gather.print(order.text);
      case 'stream':
        return this.gather.select(order);
      case 'send':
        this.gather.flush();
        return this.sockets.send(
          order.channel,
          frame(order.identities, order.parts, order.buffers, this.signer),
        );
      case 'fence':
        // a turn of the event loop lets the sockets deliver what has arrived
        setTimeout(() => this.post({ kind: 'fence', id: order.id }), 1);
        return;
      case 'end':
        void this.end();
        return;
      case 'ready':
        this.info = order.info;
        this.watchdog.watchSignals();
        return this.sockets.listen(this);
    }
  }

  subscription(topic: Uint8Array): void {
    const subscription = Buffer.from(topic).toString('utf8');
    this.publish('iopub_welcome', {}, { subscription }, topic);
  }

  message(channel: Channel, frames: Uint8Array[]): void {
    try {
      this.route(channel, parseMessage(frames, this.signer));
    } catch (error) {
      // also one nested so deeply that it cannot be handed on
      this.refuse(error as Error);
    }
  }

  private route(channel: Channel, message: Message): void {
    const type = message.header.msg_type;
    if (type === 'shutdown_request') void this.shutdown(channel, message);
    else if (channel === 'control' && type === 'interrupt_request') void this.interrupt(message);
    else if (channel === 'control' && type === 'kernel_info_request') {
      this.status(message.header, 'busy');
      this.reply(channel, message, this.info);
      this.status(message.header, 'idle');
    } else this.post({ kind: 'request', channel, message });
  }

  /** Ends the kernel: the main thread exits, or, if it is stuck, the process is killed. */
  async end(): Promise<void> {
    if (this.ending) return;
    this.ending = true;
    this.gather.flush();
    await this.sockets.close();
    Atomics.store(this.flags, Flag.Closed, 1);
    Atomics.notify(this.flags, Flag.Closed);
    this.post({ kind: 'shutdown' });
    await sleep(GRACE);
    process.kill(process.pid, 'SIGKILL');
  }

  private async interrupt(request: Message): Promise<void> {
    this.status(request.header, 'busy');
    await this.watchdog.interrupt();
    this.reply('control', request, { status: 'ok' });
    this.status(request.header, 'idle');
  }

  private async shutdown(channel: Channel, request: Message): Promise<void> {
    const content = { status: 'ok', restart: request.content['restart'] === true };
    this.status(request.header, 'busy');
    this.reply(channel, request, content);
    this.publish('shutdown_reply', request.header, content);
    this.status(request.header, 'idle');
    await this.end();
  }

  private status(parent: Header, state: 'busy' | 'idle'): void {
    this.publish('status', parent, { execution_state: state });
  }

  private reply(channel: Channel, { identities, header }: Message, content: object): void {
    const type = header.msg_type.replace(/_request$/, '_reply');
    const parts = serialise(createHeader(type, this.session), header, content);
    this.sockets.send(channel, frame(identities, parts, [], this.signer));
  }

  private publish(type: string, parent: Partial<Header>, content: object, topic?: Uint8Array): void {
    const parts = serialise(createHeader(type, this.session), parent, content);
    this.sockets.send('iopub', frame([topic ?? Buffer.from(type)], parts, [], this.signer));
  }

  /** Notes each reason once in the server's log: a stranger could fill the disk otherwise. */
  private refuse({ message }: Error): void {
    if (this.refusals.has(message) || this.refusals.size >= 10) return;
    this.refusals.add(message);
    log(message);
  }
}

/** To the server's log. `process.stderr` would go to the notebook. */
const log = (line: string): void => void writeSync(2, `credence kernel: ${line}\n`);

async function start(data: TransportData, post: (message: ToMain) => void): Promise<Transport> {
  const connection = readConnection(data.connectionFile);
  const sockets = new Sockets();
  await sockets.bind(connection);
  const signer = new Signer(connection.key, connection.signature_scheme);
  const flags = new Int32Array(data.flags);
  const watchdog = new Watchdog(flags, () => post({ kind: 'interrupt' }));
  const transport = new Transport(sockets, signer, watchdog, flags, data.session, post);
  watchParent(() => void transport.end());
  return transport;
}

const port = parentPort;
if (!port)
  throw new CredenceError('E_KERNEL', 'transport.js is the second thread of the kernel; run main.js');
const started = start(workerData as TransportData, (message) => port.postMessage(message));
// a rejection ends this thread, and its 'error' event the kernel
port.on('message', (order: ToTransport) => void started.then((transport) => transport.accept(order)));
