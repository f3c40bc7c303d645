/** How the first process of a job finds who has started it, and proves that it belongs to it. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { connect, createServer, type Socket } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { CredenceError } from '../errors';
import { type Channel, socketChannel } from './channel';

/** Bytes of the word that only the job's processes know. */
const TOKEN = 32;
/** Who connects and does not say the word is sent away. */
const WORD_MS = 10_000;
const DIAL_MS = 10_000;

/** What the processes of a job are told by their environment. */
export interface Address {
  /** Where to call, the likeliest first: 'host:port'. */
  CREDENCE_DRIVER: string;
  CREDENCE_TOKEN: string;
}

/** Waits for the call of the first process. @param far whether it may come from another machine */
export async function listen(
  far: boolean,
): Promise<{ address: Address; call: Promise<Channel>; close(): void }> {
  const token = randomBytes(TOKEN);
  let answer!: (channel: Channel) => void;
  const call = new Promise<Channel>((resolve) => (answer = resolve));
  const server = createServer((socket) => {
    hearWord(socket, token, () => {
      server.close();
      answer(socketChannel(socket));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, far ? '0.0.0.0' : '127.0.0.1', resolve);
  });
  const { port } = server.address() as { port: number };
  const hosts = far ? [hostname(), ...ownAddresses()] : ['127.0.0.1'];
  return {
    address: {
      CREDENCE_DRIVER: hosts.map((host) => `${host}:${port}`).join(),
      CREDENCE_TOKEN: token.toString('hex'),
    },
    call,
    close: () => void server.close(),
  };
}

const ownAddresses = (): string[] =>
  Object.values(networkInterfaces()).flatMap((list = []) =>
    list.filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address),
  );

/** Reads the first bytes of a connection, and nothing beyond them before they are right. */
function hearWord(socket: Socket, token: Buffer, accept: () => void): void {
  const timer = setTimeout(() => socket.destroy(), WORD_MS).unref();
  socket.on('error', () => socket.destroy());
  const hear = (): void => {
    const word = socket.read(TOKEN) as Buffer | null;
    if (word === null) return;
    clearTimeout(timer);
    socket.off('readable', hear);
    if (word.length === TOKEN && timingSafeEqual(word, token)) accept();
    else socket.destroy();
  };
  socket.on('readable', hear);
}

/** Calls whoever has started this job. @throws CredenceError E_CLUSTER */
export async function dial(env: Partial<Address>): Promise<Channel> {
  const { CREDENCE_DRIVER: places = '', CREDENCE_TOKEN: token = '' } = env;
  const troubles: string[] = [];
  for (const place of places.split(',')) {
    const colon = place.lastIndexOf(':');
    try {
      const socket = await reach(place.slice(0, colon), Number(place.slice(colon + 1)));
      socket.write(Buffer.from(token, 'hex'));
      return socketChannel(socket);
    } catch (error) {
      troubles.push(`${place}: ${(error as Error).message}`);
    }
  }
  throw new CredenceError(
    'E_CLUSTER',
    `the process that has started this job cannot be reached (${troubles.join('; ')}): the machines must be able to connect to each other`,
  );
}

const reach = (host: string, port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: DIAL_MS });
    socket.once('connect', () => {
      socket.setTimeout(0);
      socket.off('error', reject);
      resolve(socket);
    });
    socket.once('timeout', () => socket.destroy(new Error('no answer')));
    socket.once('error', reject);
  });
