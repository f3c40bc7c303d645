/** What it costs that two processes add up arrays over MPI, and over PyTorch's gloo: milliseconds. */
import { execFile } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../lib/environment';
import { findLauncher } from '../lib/mpi/launcher';
import { findMpi } from '../lib/mpi/library';
import { machine } from './machine';
import { digits, row, tableHead } from './markdown';
import { installPeers, peerPython } from './peerPackages';
import { median } from './statistics';

const RANKS = 2;
const ROUNDS = 5;
const LIMIT_MS = 120_000;
const sizes = { '4 B': 4, '1 MB': 1e6, '10 MB': 1e7, '100 MB': 1e8 };

interface Entry {
  name: string;
  program: string;
  args: string[];
  variables: Record<string, string>;
  /** What it tells of each size, in seconds. */
  unit: number;
}

const tcp = {
  mpich: { MPIR_CVAR_NOLOCAL: '1', UCX_TLS: 'tcp,self' },
  openmpi: { OMPI_MCA_pml: 'ob1', OMPI_MCA_btl: 'self,tcp' },
};

/** The variables that keep the MPI library from using shared memory within a machine, as between two. */
export const overTcp = (): Record<string, string> => tcp[findMpi().kind === 'openmpi' ? 'openmpi' : 'mpich'];

function entries(peers: boolean): Entry[] {
  const launcher = findLauncher('mpirun');
  const { version } = findMpi();
  const rank = [process.execPath, require.resolve('../lib/scaling/networkRank')];
  const ours = (how: string, variables: Record<string, string>): Entry => ({
    name: `${version.replace(' Version:', '')}, ${how}`,
    program: launcher.program,
    args: [...launcher.flags(RANKS), ...rank],
    variables,
    unit: 1,
  });
  const gloo: Entry = {
    name: 'PyTorch, gloo, TCP',
    program: peerPython,
    args: [path.join(packageRoot, 'bench', 'peers', 'gloo.py')],
    variables: { PYTHONDONTWRITEBYTECODE: '1' },
    unit: 1e-3,
  };
  return [ours('shared memory', {}), ours('TCP', overTcp()), ...(peers ? [gloo] : [])];
}

/** Milliseconds of each size. */
async function measure({ program, args, variables, unit }: Entry): Promise<number[]> {
  const { stdout } = await promisify(execFile)(program, [...args, ...Object.values(sizes).map(String)], {
    env: { ...process.env, ...variables },
    timeout: LIMIT_MS,
  });
  return (JSON.parse(stdout) as number[]).map((value) => 1000 * unit * value);
}

/** A Markdown table, a line for each contender, and where it was measured. They take turns. */
export async function mpi(
  progress: (line: string) => void,
  { peers, torchIndex }: { peers: boolean; torchIndex: string | undefined },
): Promise<string> {
  if (peers) installPeers('cpu', torchIndex);
  const load = os.loadavg()[0]!;
  const all = entries(peers).map((entry) => ({ entry, rounds: [] as number[][] }));
  for (let round = 0; round < ROUNDS; round++) {
    progress(`round ${round + 1} of ${ROUNDS}`);
    for (const { entry, rounds } of all) rounds.push(await measure(entry));
  }
  const names = Object.keys(sizes);
  const { date, cpu, cores, system } = machine({ threads: 1, device: 'cpu' });
  return [
    `Measured on ${date}: ${RANKS} processes, ${cpu}, ${cores} cores, ${system}, on which ${load.toFixed(1)} other threads were at work before; ${ROUNDS} rounds, medians.`,
    '',
    ...tableHead(['ms', ...names]),
    ...all.map(({ entry, rounds }) =>
      row([entry.name, ...names.map((_, i) => digits(median(rounds.map((round) => round[i]!))))]),
    ),
  ].join('\n');
}
