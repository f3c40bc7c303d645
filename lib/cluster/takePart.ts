import { hostname } from 'node:os';
import { CredenceError } from '../errors';
import { Mpi } from '../mpi';
import type { Channel } from './channel';
import { type MemberOptions, member } from './member';
import type { News } from './protocol';

/** What was said last has so long to be sent. */
const LAST_WORDS_MS = 200;

export interface PartOptions extends MemberOptions {
  /** A process that is told to end (SIGTERM) waits so many milliseconds for the first one to end the work in order. Default 0. */
  grace?: number;
}

/**
 * Joins the job that this process was started in, and works in it to its end. A process that cannot go on takes the others along, since
 * none can train without it.
 * @param channelOf gives the first process the channel to who asks, the others nothing
 */
export async function takePart(
  channelOf: (mpi: Mpi) => Promise<Channel | undefined>,
  { grace = 0, ...options }: PartOptions,
): Promise<void> {
  const mpi = Mpi.start();
  const name = `rank ${mpi.rank} of ${mpi.size} on ${hostname()}`;
  const say = (text: string): void => void process.stderr.write(`credence: ${name} ${text}\n`);
  const told = (): void => {
    say('was told to end: another process of the job has failed, or its time is over');
    setTimeout(() => mpi.abort(1), grace).unref();
  };
  process.once('SIGTERM', told);
  let channel: Channel | undefined;
  try {
    channel = await channelOf(mpi);
    const own = member(mpi, channel, options);
    // before MPI is left: the others wait to be told something
    const leave = (code: number): void => {
      if (code !== 0 || !own.dismiss()) mpi.abort(code === 0 ? 1 : code);
    };
    process.prependOnceListener('exit', leave);
    await own.serve();
    process.off('exit', leave);
    process.off('SIGTERM', told);
    channel?.close();
    mpi.finish();
  } catch (error) {
    const { code, message } = asCredenceError(error);
    say(`has failed: ${message}`);
    channel?.send({ type: 'failed', code, message: `${name} has failed: ${message}` } satisfies News);
    setTimeout(() => mpi.abort(1), LAST_WORDS_MS);
    await new Promise(() => undefined); // there is nothing after it
  }
}

const asCredenceError = (error: unknown): CredenceError =>
  error instanceof CredenceError
    ? error
    : new CredenceError('E_CLUSTER', String((error as Error | undefined)?.stack ?? error));
