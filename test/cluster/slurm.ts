/** A Slurm of one machine, for the time of some tests. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { until } from '../wait';

const programs = ['slurmctld', 'slurmd', 'srun', 'sbatch'];
const searched = `${process.env['PATH']}:/usr/sbin`;

/** Why there cannot be one here, if it cannot. */
export function lacking(): string | undefined {
  const missing = programs.filter((name) => spawnSync('which', [name], { env: { PATH: searched } }).status);
  if (missing.length > 0) return `there is no ${missing.join(', ')} here`;
  return process.getuid?.() === 0 ? undefined : 'only root can start slurmd';
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

/**
 * Four processors, whatever the machine has; nobody has to prove who he is. MPICH names its shared memory by the number of the job, and
 * that of a job which was killed stays: no number is used twice.
 */
const configuration = (folder: string, ports: readonly number[]): string => `
ClusterName=test
SlurmctldHost=${hostname()}(127.0.0.1)
SlurmUser=root
AuthType=auth/none
CredType=cred/none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
FirstJobId=${randomInt(1e4, 6e7)}
SlurmctldPort=${ports[0]}
SlurmdPort=${ports[1]}
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.pid
SlurmdParameters=config_overrides
NodeName=${hostname()} NodeAddr=127.0.0.1 CPUs=4 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES State=UP
`;

export interface Slurm {
  /** For programs that are to find it. */
  env: NodeJS.ProcessEnv;
  /** Runs one of its programs: what it says. */
  ask(program: string, ...words: string[]): string;
  stop(): Promise<void>;
}

/** Starts it, and waits until it takes jobs. */
export async function startSlurm(): Promise<Slurm> {
  const folder = mkdtempSync(path.join(tmpdir(), 'credence-slurm-'));
  for (const name of ['state', 'spool']) mkdirSync(path.join(folder, name));
  const file = path.join(folder, 'slurm.conf');
  writeFileSync(file, configuration(folder, [await freePort(), await freePort()]));
  const env = { ...process.env, PATH: searched, SLURM_CONF: file };
  const log = openSync(path.join(folder, 'log'), 'a');
  const daemons: ChildProcess[] = ['slurmctld', 'slurmd'].map((name) =>
    spawn(name, ['-D'], { env, stdio: ['ignore', log, log] }),
  );
  const ask: Slurm['ask'] = (program, ...words) =>
    execFileSync(program, words, { env, encoding: 'utf8', timeout: 20_000 }).trim();
  await until(() => spawnSync('sinfo', ['-h', '-o', '%T'], { env, encoding: 'utf8' }).stdout === 'idle\n');
  return {
    env,
    ask,
    stop: async () => {
      ask('scancel', '--user=root');
      await until(() => ask('squeue', '-h') === '');
      for (const daemon of daemons) {
        daemon.kill();
        await once(daemon, 'close');
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
