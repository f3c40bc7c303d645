import { hostname } from 'node:os';
import { isMainThread } from 'node:worker_threads';
import * as v from 'valibot';
import { CredenceError } from '../errors';
import { describe, validate } from '../validate';
import type { Abi, Handle, Operation } from './abi';
import { ask, check, type MpiApi, mpiApi } from './capi';
import { loadMpi } from './library';
import { hasUnfinished, Pending } from './pending';
import { pieces } from './pieces';

/** Numbers that can be summed up. */
export type Numbers = Float32Array | Float64Array | Int32Array;

const ABORT_SECONDS = 5; // with a dead network MPI_Abort may never come back
const LARGE_BYTES = 1 << 16; // from here on a barrier costs little beside the exchange

/** This thread's, once it is made. */
let instance: Mpi | undefined;

/**
 * The ranks of a job, which speak over MPI. One for the process: `Mpi.start()` in the main thread, then `Mpi.attach()` in any other. All
 * ranks call the same operations in the same order, one thread of a rank at a time.
 */
export class Mpi {
  readonly rank: number;
  readonly size: number;
  readonly host = hostname();
  private left = false;
  private readonly api: MpiApi = mpiApi();
  private readonly abi: Abi = loadMpi().abi;

  private constructor() {
    const { api, abi } = this;
    this.rank = ask((rank) => api.MPI_Comm_rank(abi.world, rank), 'MPI_Comm_rank');
    this.size = ask((size) => api.MPI_Comm_size(abi.world, size), 'MPI_Comm_size');
  }

  /**
   * Joins the job. Without a launcher, this process is a job of one rank. When the process ends, it leaves the job: by `finish` if
   * all is well, else by `abort`.
   * @throws CredenceError E_MPI if there is no MPI library, it does not fit the launcher, or this is not the main thread
   */
  static start(): Mpi {
    if (!isMainThread) throw wrongThread('Mpi.start', 'the main thread; other threads call Mpi.attach');
    if (instance) return instance;
    const api = mpiApi();
    const { abi, file } = loadMpi();
    if (isSet(api.MPI_Finalized)) throw finished();
    if (!isSet(api.MPI_Initialized)) initialise(api, abi, file);
    const mpi = new Mpi();
    refuseWrongSize(mpi.size, file);
    process.once('exit', leave);
    return (instance = mpi);
  }

  /**
   * The job that the main thread has joined, for this thread.
   * @throws CredenceError E_MPI if it has not, or has left it
   */
  static attach(): Mpi {
    if (instance) return instance;
    const api = mpiApi();
    if (!isSet(api.MPI_Initialized)) {
      throw new CredenceError(
        'E_MPI',
        'Mpi.attach: this process has not joined a job. Call Mpi.start() in the main thread first',
      );
    }
    if (isSet(api.MPI_Finalized)) throw finished();
    return (instance = new Mpi());
  }

  /**
   * Replaces the values by those of all ranks, added up (or the largest, or the smallest), in place, also in shared memory.
   * @throws CredenceError E_MPI
   */
  allreduce(values: Numbers, operation: Operation = 'sum'): void {
    this.startAllreduce(values, operation).wait();
  }

  /** The same, without waiting for it. */
  startAllreduce(values: Numbers, operation: Operation = 'sum'): Pending {
    const { api, abi } = this.joined();
    const type = typeOf(values, abi);
    const calls = pieces(values).map(
      (piece) => (request: BigInt64Array) =>
        api.MPI_Iallreduce(
          abi.inPlace,
          piece,
          piece.length,
          type,
          abi.operations[operation],
          abi.world,
          request,
        ),
    );
    return new Pending('all-reduce', values.byteLength, calls, this.arrival(values));
  }

  /** Replaces the values by those of the rank `root`. @throws CredenceError E_MPI */
  broadcast(values: ArrayBufferView, root = 0): void {
    this.startBroadcast(values, root).wait();
  }

  /** The same, without waiting for it. */
  startBroadcast(values: ArrayBufferView, root = 0): Pending {
    const { api, abi } = this.joined();
    validate(rankOf(this.size), root, 'Mpi.broadcast: the root');
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const calls = pieces(bytes).map(
      (piece) => (request: BigInt64Array) =>
        api.MPI_Ibcast(piece, piece.length, abi.byte, root, abi.world, request),
    );
    return new Pending('broadcast', values.byteLength, calls, this.arrival(values));
  }

  /**
   * Begins to send each rank its part of `from`, and to write what each has sent, rank by rank, to `to`. Parts are equally long, and shorter
   * than 2 GB. @throws CredenceError E_MPI
   */
  startAlltoall(from: ArrayBufferView, to: ArrayBufferView): Pending {
    return this.startSpreading('MPI_Ialltoall', from, to, from.byteLength / this.size);
  }

  /** Begins to send all ranks these values, and to write those of each, rank by rank, to `to`. They are shorter than 2 GB. @throws CredenceError E_MPI */
  startAllgather(values: ArrayBufferView, to: ArrayBufferView): Pending {
    return this.startSpreading('MPI_Iallgather', values, to, values.byteLength);
  }

  private startSpreading(
    operation: 'MPI_Ialltoall' | 'MPI_Iallgather',
    from: ArrayBufferView,
    to: ArrayBufferView,
    part: number,
  ): Pending {
    const { api, abi } = this.joined();
    const call = (request: BigInt64Array): number =>
      api[operation](from, part, abi.byte, to, part, abi.byte, abi.world, request);
    return new Pending(operation, to.byteLength, [call], this.arrival(to));
  }

  /** Waits until all ranks are here. @throws CredenceError E_MPI */
  barrier(): void {
    this.startBarrier().wait();
  }

  /** The same, without waiting for it. */
  startBarrier(): Pending {
    const { api, abi } = this.joined();
    return new Pending('barrier', 0, [(request) => api.MPI_Ibarrier(abi.world, request)]);
  }

  /** Ends all processes of the job at once, from any thread, also where a network is dead. @param code that they exit with */
  abort(code = 1): never {
    this.api.endIn(ABORT_SECONDS);
    this.api.MPI_Abort(this.abi.world, code);
    process.kill(process.pid, 'SIGKILL');
    throw new CredenceError('E_MPI', 'the job has been aborted');
  }

  /**
   * Leaves the job, when all ranks do. The process goes on.
   * @throws CredenceError E_MPI if operations are pending, or this is not the main thread
   */
  finish(): void {
    if (!isMainThread) throw wrongThread('finish', 'the main thread, which has called Mpi.start');
    if (this.left) return;
    if (hasUnfinished()) {
      throw new CredenceError('E_MPI', 'finish: operations are pending. Wait for them, or abort');
    }
    this.barrier(); // who is early sleeps here: MPI_Finalize would keep its core busy
    this.left = true;
    instance = undefined;
    check(this.api.MPI_Finalize(), 'MPI_Finalize');
  }

  /** MPI ends the process that calls it after its end. */
  private joined(): this {
    if (this.left) throw finished();
    return this;
  }

  /** The start of a barrier before what is large. */
  private arrival({ byteLength }: ArrayBufferView): ((request: BigInt64Array) => number) | undefined {
    const { api, abi } = this;
    return byteLength < LARGE_BYTES ? undefined : (request) => api.MPI_Ibarrier(abi.world, request);
  }
}

function initialise(api: MpiApi, abi: Abi, file: string): void {
  // MULTIPLE, so that the main thread can abort while another one waits
  const provided = ask(
    (level) => api.MPI_Init_thread(null, null, abi.threadMultiple, level),
    'MPI_Init_thread',
  );
  check(api.MPI_Comm_set_errhandler(abi.world, abi.errorsReturn), 'MPI_Comm_set_errhandler');
  if (provided >= abi.threadSerialized) return;
  throw new CredenceError(
    'E_MPI',
    `the MPI library ${file} was built without support for threads (MPI_THREAD_SERIALIZED). Use one that has it`,
  );
}

const isSet = (call: (flag: Int32Array) => number): boolean => ask(call, 'MPI_Initialized') !== 0;

function typeOf(values: Numbers, { float32, float64, int32 }: Abi): Handle {
  if (values instanceof Float32Array) return float32;
  if (values instanceof Float64Array) return float64;
  if ((values as unknown) instanceof Int32Array) return int32;
  throw new CredenceError(
    'E_OPTION',
    `Mpi.allreduce: takes a Float32Array, a Float64Array or an Int32Array, got ${describe(values)}`,
  );
}

const rankOf = (size: number) => {
  const rule = `must be a rank, a whole number from 0 to ${size - 1}`;
  return v.pipe(v.number(rule), v.integer(rule), v.minValue(0, rule), v.maxValue(size - 1, rule));
};

/** At the end of the process: an error here would leave the other ranks waiting for this one. */
function leave(code: number): void {
  if (!instance) return;
  if (code !== 0 || hasUnfinished()) instance.abort(code === 0 ? 1 : code);
  instance.finish();
}

/** How many ranks were started together, if the environment tells. */
function ranksStarted(): number | undefined {
  const { OMPI_COMM_WORLD_SIZE, PMI_SIZE, SLURM_STEP_NUM_TASKS } = process.env;
  const told = OMPI_COMM_WORLD_SIZE ?? PMI_SIZE ?? SLURM_STEP_NUM_TASKS;
  return told === undefined ? undefined : Number(told);
}

/** Whether this process was started together with others, which it can join by `Mpi.start()`. */
export const startedInJob = (): boolean => (ranksStarted() ?? 1) > 1;

/** A library that does not understand its launcher takes itself for a job of one rank, and each would train alone. */
function refuseWrongSize(size: number, file: string): void {
  const started = ranksStarted() ?? size;
  if (started === size) return;
  throw new CredenceError(
    'E_MPI',
    `${started} ranks were started, but the MPI library ${file} sees ${size}: it does not fit what started them. Use the mpiexec beside that library, or set CREDENCE_MPI to the library of the launcher; with Slurm, srun needs --mpi=pmi2 (MPICH) or --mpi=pmix (Open MPI)`,
  );
}

const finished = (): CredenceError =>
  new CredenceError('E_MPI', 'this process has left its job: MPI can be started once only');

const wrongThread = (what: string, where: string): CredenceError =>
  new CredenceError('E_MPI', `${what} was called in a worker thread: call it in ${where}`);
