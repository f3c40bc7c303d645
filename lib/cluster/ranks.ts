import { availableParallelism, hostname } from 'node:os';
import { deserialize, serialize } from 'node:v8';
import { deviceCount, gpuCount } from '../parallel/chooseMesh';
import { devices } from '../engine/tfjs/backend';
import type { Mpi } from '../mpi';
import type { Rank } from './protocol';

/** What every process tells, by its number: each tells it to all in turn. */
export function gather<T>(mpi: Mpi, own: T): T[] {
  return Array.from({ length: mpi.size }, (_, root) => {
    const bytes = root === mpi.rank ? serialize(own) : undefined;
    const length = Float64Array.of(bytes?.length ?? 0);
    mpi.broadcast(new Uint8Array(length.buffer), root);
    const target = bytes ?? Buffer.allocUnsafeSlow(length[0]!);
    mpi.broadcast(target, root);
    return deserialize(target) as T;
  });
}

/** The part of its host that a process has, where several run on it. */
export interface Room {
  workers: number;
  /** Number of the first GPU of this process, where there are GPUs. */
  firstGpu: number;
}

/** Shares the devices of a host out among the processes on it. @param number of this process among them */
export function roomOf(number: number, processes: number): Room {
  const gpus = gpuCount();
  const workers = Math.max(1, Math.floor(deviceCount() / processes));
  return { workers, firstGpu: gpus === 0 ? 0 : (number * workers) % gpus };
}

/** Who takes part, and the room of this process. @param wanted workers of each process, where somebody said how many */
export function introduce(mpi: Mpi, wanted: number | undefined): { ranks: Rank[]; room: Room } {
  const hosts = gather(mpi, hostname());
  const neighbours = hosts.flatMap((host, rank) => (host === hosts[mpi.rank] ? [rank] : []));
  const room = roomOf(neighbours.indexOf(mpi.rank), neighbours.length);
  const workers = wanted ?? room.workers;
  const gpu = devices().find(({ type }) => type === 'GPU');
  const device = gpu?.model ?? `CPU (${availableParallelism()} cores)`;
  const ranks = gather<Rank>(mpi, { host: hosts[mpi.rank]!, pid: process.pid, workers, device });
  return { ranks, room: { ...room, workers } };
}
