import type { Comm } from '../lib/host';
import type { IOPub } from './iopub';
import type { Header } from './message';
import type { Content } from './requests';

type OpenListener = (comm: Comm, data: unknown) => void;

/** One open comm, as the library sees it. */
class OpenComm implements Comm {
  private readonly messageListeners: ((data: unknown, buffers: Uint8Array[]) => void)[] = [];
  private readonly closeListeners: (() => void)[] = [];

  constructor(
    readonly target: string,
    private readonly sendMessage: (data: unknown, buffers: Uint8Array[]) => void,
    private readonly sendClose: () => void,
  ) {}

  send(data: unknown, buffers: Uint8Array[] = []): void {
    this.sendMessage(data, buffers);
  }

  close(): void {
    this.sendClose();
  }

  onMessage(listener: (data: unknown, buffers: Uint8Array[]) => void): void {
    this.messageListeners.push(listener);
  }

  onClose(listener: () => void): void {
    this.closeListeners.push(listener);
  }

  /** The front end sent a message. */
  receive(data: unknown, buffers: Uint8Array[]): void {
    for (const listener of this.messageListeners) listener(data, buffers);
  }

  /** The front end closed it. */
  closed(): void {
    for (const listener of this.closeListeners) listener();
  }
}

/** The two-way channels between the front end and the library. */
export class Comms {
  private readonly targets = new Map<string, OpenListener>();
  private readonly comms = new Map<string, OpenComm>();

  /** @param load is called for a target that nobody listens for, and may bring somebody who does */
  constructor(
    private readonly iopub: IOPub,
    private readonly load: (target: string) => void,
  ) {}

  /** Calls back when the front end opens a comm to `target`; the last listener counts. */
  register(target: string, listener: OpenListener): void {
    this.targets.set(target, listener);
  }

  /** comm_open: answered with comm_close if nobody listens for the target. */
  open({ comm_id, target_name, data }: Content<'comm_open'>, parent: Header): void {
    const publish = (type: 'comm_msg' | 'comm_close', content: unknown, buffers: Uint8Array[]) =>
      this.iopub.comm(parent, type, { comm_id, data: content }, { buffers });
    if (!this.targets.has(target_name)) this.load(target_name);
    const listener = this.targets.get(target_name);
    if (!listener) return publish('comm_close', {}, []);
    const comm = new OpenComm(
      target_name,
      (content, buffers) => {
        if (this.comms.has(comm_id)) publish('comm_msg', content, buffers);
      },
      () => {
        if (this.comms.delete(comm_id)) publish('comm_close', {}, []);
      },
    );
    this.comms.set(comm_id, comm);
    listener(comm, data);
  }

  /** comm_msg: one for a comm that is gone is passed over, as front ends may not know yet. */
  receive({ comm_id, data }: Content<'comm_msg'>, buffers: Uint8Array[]): void {
    this.comms.get(comm_id)?.receive(data, buffers);
  }

  /** comm_close. */
  close({ comm_id }: Content<'comm_close'>): void {
    const comm = this.comms.get(comm_id);
    this.comms.delete(comm_id);
    comm?.closed();
  }

  /** comm_info_reply: the open comms, perhaps of one target only. */
  info({ target_name }: Content<'comm_info_request'>): Record<string, unknown> {
    const open = [...this.comms].filter(([, { target }]) => (target_name ?? target) === target);
    return {
      status: 'ok',
      comms: Object.fromEntries(open.map(([id, { target }]) => [id, { target_name: target }])),
    };
  }
}
