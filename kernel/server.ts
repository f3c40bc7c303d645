import type { Channel } from './channel';
import type { Cells } from './cell';
import type { Comms } from './comm';
import { complete } from './complete';
import type { Executions } from './execute';
import type { History } from './history';
import { kernelInfo } from './info';
import type { Inputs } from './input';
import { inspect } from './inspect';
import type { IOPub } from './iopub';
import type { Link } from './link';
import type { Message } from './message';
import { readContent } from './requests';
import type { Session } from './session';
import { formatError } from './traceback';

/** What answers requests. */
export interface Services {
  link: Link;
  iopub: IOPub;
  cells: Cells;
  session: Session;
  executions: Executions;
  comms: Comms;
  history: History;
  inputs: Inputs;
}

/** A handler returns the content of the reply, if the message has one. */
type Handler = (message: Message) => object | void;

/** Answers the requests of the front end. Interrupts and shutdowns are the transport thread's; see transport.ts. */
export class Server {
  private readonly handlers: ReadonlyMap<string, Handler>;

  constructor(private readonly services: Services) {
    const { session, comms, history } = services;
    const handlers: Record<string, Handler> = {
      kernel_info_request: () => kernelInfo,
      complete_request: ({ content }) => complete(readContent('complete_request', content), session),
      inspect_request: ({ content }) => inspect(readContent('inspect_request', content), session),
      is_complete_request: ({ content }) =>
        session.isComplete(readContent('is_complete_request', content).code),
      history_request: ({ content }) => history.reply(readContent('history_request', content)),
      comm_info_request: ({ content }) => comms.info(readContent('comm_info_request', content)),
      comm_open: ({ content, header }) => comms.open(readContent('comm_open', content), header),
      comm_msg: ({ content, buffers }) => comms.receive(readContent('comm_msg', content), buffers),
      comm_close: ({ content }) => comms.close(readContent('comm_close', content)),
    };
    // a type may be called 'constructor'
    this.handlers = new Map(Object.entries(handlers));
  }

  /** Handles one message. Cells wait for each other; all else is answered at once, also while a cell awaits. */
  handle(channel: Channel, message: Message): void {
    const type = message.header.msg_type;
    if (type === 'execute_request') return this.services.executions.add(message);
    if (type === 'input_reply') return this.services.inputs.reply(message);
    const handler = this.handlers.get(type);
    if (!handler) return;

    const { iopub, cells } = this.services;
    iopub.status(message.header, 'busy');
    try {
      const content = handler(message);
      if (content) this.reply(channel, message, content);
    } catch (error) {
      this.fail(channel, message, error);
    }
    iopub.status(message.header, 'idle');
    // front ends show the state they heard last, whoever it is about
    if (cells.active) iopub.status(cells.active.parent, 'busy');
  }

  private fail(channel: Channel, message: Message, error: unknown): void {
    const content = formatError(error, this.services.session.scripts);
    if (message.header.msg_type.endsWith('_request')) {
      this.reply(channel, message, { status: 'error', ...content });
    } else {
      // a comm has no reply: its listener's error is shown as output
      const { cells, iopub } = this.services;
      if (cells.current) iopub.publish(cells.current, 'error', content);
    }
  }

  private reply(channel: Channel, { header, identities }: Message, content: object): void {
    const type = header.msg_type.replace(/_request$/, '_reply');
    this.services.link.send(channel, identities, type, header, content);
  }
}
