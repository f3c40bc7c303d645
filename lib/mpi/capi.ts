/** The part of MPI that Credence calls, typed from the C signatures themselves. */
import { CredenceError } from '../errors';
import type { Handle } from './abi';
import { loadMpi } from './library';

type CType = 'int' | 'handle' | 'void *';
interface Passed {
  int: number;
  handle: Handle;
  'void *': ArrayBufferView | bigint | null;
}
type Call<P extends readonly CType[]> = (...args: { [K in keyof P]: Passed[P[K]] }) => number;

const p = 'void *';

/** All return a code of an error. Where C has no pointer but a constant of its type, it is passed as one. */
const mpi = {
  MPI_Init_thread: [p, p, 'int', p],
  MPI_Initialized: [p],
  MPI_Finalize: [],
  MPI_Finalized: [p],
  MPI_Abort: ['handle', 'int'],
  MPI_Error_string: ['int', p, p],
  MPI_Comm_set_errhandler: ['handle', 'handle'],
  MPI_Comm_rank: ['handle', p],
  MPI_Comm_size: ['handle', p],
  MPI_Iallreduce: [p, p, 'int', 'handle', 'handle', 'handle', p],
  MPI_Ibcast: [p, 'int', 'handle', 'int', 'handle', p],
  MPI_Ialltoall: [p, 'int', 'handle', p, 'int', 'handle', 'handle', p],
  MPI_Iallgather: [p, 'int', 'handle', p, 'int', 'handle', 'handle', p],
  MPI_Ibarrier: ['handle', p],
  MPI_Test: [p, p, p],
} as const satisfies Record<string, readonly CType[]>;

export type MpiApi = { readonly [K in keyof typeof mpi]: Call<(typeof mpi)[K]> } & {
  /** Lets others have the core; comes back at once where nobody wants it. */
  yieldCore(): void;
  /** Has the system end this process after so many seconds, whatever it does then. */
  endIn(seconds: number): void;
};

let api: MpiApi | undefined;

/** MPI's functions, bound once per thread on first use. @throws CredenceError E_MPI */
export function mpiApi(): MpiApi {
  if (api) return api;
  const { library, c, abi } = loadMpi();
  const type = (name: CType) => (name === 'handle' ? abi.handle : name);
  const functions = Object.entries(mpi).map(([name, parameters]) => [
    name,
    library.func(name, 'int', parameters.map(type)),
  ]);
  api = {
    ...(Object.fromEntries(functions) as Omit<MpiApi, 'yieldCore' | 'endIn'>),
    yieldCore: c.func('sched_yield', 'int', []) as () => void,
    endIn: c.func('alarm', 'uint', ['uint']) as (seconds: number) => void,
  };
  return api;
}

const LONGEST_MESSAGE = 512;

/** Turns the code that a function of MPI returns into an error, if it is one. @throws CredenceError E_MPI */
export function check(code: number, what: string): void {
  if (code === 0) return;
  const [text, length] = [Buffer.alloc(LONGEST_MESSAGE), new Int32Array(1)];
  mpiApi().MPI_Error_string(code, text, length);
  throw new CredenceError(
    'E_MPI',
    `${what} failed: ${text.toString('latin1', 0, length[0]).trim()}. A rank or its network may be gone: start the job again, it goes on from its last checkpoint`,
  );
}

/** The number that a function of MPI writes. @throws CredenceError E_MPI */
export function ask(call: (result: Int32Array) => number, what: string): number {
  const result = new Int32Array(1);
  check(call(result), what);
  return result[0]!;
}
