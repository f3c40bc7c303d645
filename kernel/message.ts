import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { CredenceError } from '../lib/errors';

/** The version of the Jupyter messaging protocol spoken here. */
export const protocolVersion = '5.4';

export interface Header {
  msg_id: string;
  msg_type: string;
  session: string;
  username: string;
  date: string;
  version: string;
}

/** A Jupyter message. https://jupyter-client.readthedocs.io/en/stable/messaging.html */
export interface Message {
  /** The route back to the sender (of a ROUTER socket), or the topic (of the PUB socket). */
  identities: Uint8Array[];
  header: Header;
  parent: Partial<Header>;
  metadata: Record<string, unknown>;
  content: Record<string, unknown>;
  buffers: Uint8Array[];
}

const delimiter = Buffer.from('<IDS|MSG>');

/** A header of the kernel's own. */
export const createHeader = (type: string, session: string): Header => ({
  msg_id: randomUUID(),
  msg_type: type,
  session,
  username: 'kernel',
  date: new Date().toISOString(),
  version: protocolVersion,
});

/**
 * The four signed parts of a message: header, parent header, metadata, content.
 * @throws CredenceError E_KERNEL if there is no JSON for them
 */
export function serialise(
  header: Header,
  parent: Partial<Header>,
  content: object,
  metadata: object = {},
): string[] {
  try {
    return [header, parent, metadata, content].map((part) => JSON.stringify(part));
  } catch (cause) {
    const { message } = cause as Error;
    throw new CredenceError('E_KERNEL', `'${header.msg_type}' cannot be sent as JSON: ${message}`);
  }
}

/** Signs what goes out; refuses what comes in unsigned, wrongly signed or a second time. */
export class Signer {
  /** Signatures already seen, oldest first. */
  private readonly seen = new Set<string>();

  /**
   * @param key the secret of the connection file; '' turns signing off, as the protocol says
   * @param scheme 'hmac-sha256'
   * @param memory how many signatures are remembered to recognise a replay
   */
  constructor(
    private readonly key: string,
    private readonly scheme = 'hmac-sha256',
    private readonly memory = 65_536,
  ) {}

  /** The hexadecimal signature of the parts of a message. */
  sign(parts: readonly (string | Uint8Array)[]): string {
    if (this.key === '') return '';
    const hmac = createHmac(this.scheme.slice('hmac-'.length), this.key);
    for (const part of parts) hmac.update(part);
    return hmac.digest('hex');
  }

  /** @throws CredenceError E_KERNEL if the signature is wrong or was seen before */
  verify(parts: readonly Uint8Array[], signature: string): void {
    if (this.key === '') return;
    const expected = Buffer.from(this.sign(parts));
    const got = Buffer.from(signature);
    if (got.length !== expected.length || !timingSafeEqual(got, expected)) {
      throw new CredenceError('E_KERNEL', 'a message with a wrong signature was refused');
    }
    if (this.seen.has(signature)) throw new CredenceError('E_KERNEL', 'a replayed message was refused');
    this.seen.add(signature);
    if (this.seen.size > this.memory) {
      const [oldest] = this.seen;
      if (oldest !== undefined) this.seen.delete(oldest);
    }
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parseRecord(frame: Uint8Array): Record<string, unknown> {
  const value: unknown = JSON.parse(Buffer.from(frame).toString('utf8'));
  if (!isRecord(value)) throw new Error('not an object');
  return value;
}

function parseHeader(frame: Uint8Array): Header {
  const header = parseRecord(frame);
  const field = (name: string): string => {
    const value = header[name];
    if (typeof value !== 'string' || value === '') throw new Error(`the header has no ${name}`);
    return value;
  };
  const optional = (name: string): string => (typeof header[name] === 'string' ? header[name] : '');
  return {
    msg_id: field('msg_id'),
    msg_type: field('msg_type'),
    session: field('session'),
    username: optional('username'),
    date: optional('date'),
    version: optional('version'),
  };
}

/**
 * Reads the frames `[...identities, <IDS|MSG>, signature, header, parent, metadata, content, ...buffers]`.
 * @throws CredenceError E_KERNEL if the message is malformed, wrongly signed or replayed
 */
export function parseMessage(frames: readonly Uint8Array[], signer: Signer): Message {
  const split = frames.findIndex((frame) => delimiter.equals(frame));
  const [signature, header, parent, metadata, content, ...buffers] = frames.slice(split + 1);
  if (split < 0 || !signature || !header || !parent || !metadata || !content) {
    throw new CredenceError('E_KERNEL', 'a message with missing frames was refused');
  }
  signer.verify([header, parent, metadata, content], Buffer.from(signature).toString('latin1'));
  try {
    return {
      identities: frames.slice(0, split),
      header: parseHeader(header),
      parent: parseRecord(parent),
      metadata: parseRecord(metadata),
      content: parseRecord(content),
      buffers,
    };
  } catch (cause) {
    throw new CredenceError('E_KERNEL', `a malformed message was refused: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** The frames of a message to send: the inverse of {@link parseMessage}. */
export const frame = (
  identities: readonly Uint8Array[],
  parts: readonly string[],
  buffers: readonly Uint8Array[],
  signer: Signer,
): (string | Uint8Array)[] => [...identities, delimiter, signer.sign(parts), ...parts, ...buffers];
