/**
 * The binary interfaces that MPI libraries have: what their constants are, and how wide their handles. One C header for all came
 * with MPI 5, and is not everywhere yet.
 */

/**
 * MPICH's, which Intel MPI, MVAPICH and Cray MPI share; that of Open MPI; and the standard one of MPI 5.
 * [MPI 5.0, chapter 20](https://www.mpi-forum.org/docs/mpi-5.0/mpi50-report.pdf) lists the latter's constants.
 */
export type MpiKind = 'mpich' | 'openmpi' | 'standard';

/** MPI's name for a communicator, a type, an operation: a number, or the address of something in the library. */
export type Handle = number | bigint;

export type Operation = 'sum' | 'max' | 'min';

export interface Abi {
  handle: 'int' | 'intptr_t';
  world: Handle;
  float32: Handle;
  float64: Handle;
  int32: Handle;
  byte: Handle;
  operations: Record<Operation, Handle>;
  errorsReturn: Handle;
  /** In place of the buffer to read from: the one to write to has the values. */
  inPlace: bigint;
  statusIgnore: bigint;
  threadSerialized: number;
  threadMultiple: number;
}

const mpich: Abi = {
  handle: 'int',
  world: 0x44000000,
  float32: 0x4c00040a,
  float64: 0x4c00080b,
  int32: 0x4c000439,
  byte: 0x4c00010d,
  operations: { max: 0x58000001, min: 0x58000002, sum: 0x58000003 },
  errorsReturn: 0x54000001,
  inPlace: -1n,
  statusIgnore: 1n,
  threadSerialized: 2,
  threadMultiple: 3,
};

const standard: Abi = {
  handle: 'intptr_t',
  world: 0x101,
  float32: 0x210,
  float64: 0x214,
  int32: 0x250,
  byte: 0x247,
  operations: { sum: 0x21, min: 0x22, max: 0x23 },
  errorsReturn: 0x143,
  inPlace: 1n,
  statusIgnore: 0n,
  threadSerialized: 2048,
  threadMultiple: 4096,
};

/** @param address of a variable of the library */
const openmpi = (address: (name: string) => bigint): Abi => ({
  handle: 'intptr_t',
  world: address('ompi_mpi_comm_world'),
  float32: address('ompi_mpi_float'),
  float64: address('ompi_mpi_double'),
  int32: address('ompi_mpi_int32_t'),
  byte: address('ompi_mpi_byte'),
  operations: {
    sum: address('ompi_mpi_op_sum'),
    max: address('ompi_mpi_op_max'),
    min: address('ompi_mpi_op_min'),
  },
  errorsReturn: address('ompi_mpi_errors_return'),
  inPlace: 1n,
  statusIgnore: 0n,
  threadSerialized: 2,
  threadMultiple: 3,
});

export const abiOf = (kind: MpiKind, address: (name: string) => bigint): Abi =>
  kind === 'openmpi' ? openmpi(address) : { mpich, standard }[kind];
