/**
 * What training costs: energy where the machine tells it, else core-seconds, which are named as such. Counters are cumulative; two
 * readings tell what happened between them.
 */
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Quantity } from '../figures/scaling/scalingEnergy';

export interface Meter {
  readonly quantity: Quantity;
  /** What was used since some moment in the past. */
  read(): number;
  close(): void;
}

export interface MeterOptions {
  /** Whether GPUs compute. */
  gpus: boolean;
  /** Where Linux shows the counters of RAPL (running average power limit). Default: /sys/class/powercap. */
  powercap?: string;
  /** The program that asks NVML (Nvidia's management library). Default: nvidia-smi. */
  nvidiaSmi?: string;
}

/** The best meter that is readable here. RAPL's counters often are for root alone. */
export function openMeter(options: MeterOptions): Meter {
  const { gpus, powercap = '/sys/class/powercap', nvidiaSmi = 'nvidia-smi' } = options;
  return (gpus ? nvml(nvidiaSmi) : rapl(powercap)) ?? coreSeconds();
}

/** A counter in microjoules that starts anew after `range`. */
interface Counter {
  file: string;
  range: number;
  last: number;
}

const numberIn = (file: string): number => Number(readFileSync(file, 'latin1'));

/**
 * Counters of whole packages, and of memory where it is counted. Other zones (cores, the whole platform) are parts of packages, or
 * have them as parts.
 */
function countersIn(powercap: string): Counter[] {
  return readdirSync(powercap)
    .filter((name) => /^intel-rapl:\d+(:\d+)?$/.test(name))
    .map((name) => path.join(powercap, name))
    .filter((zone) => /^(package-\d+|dram)\s*$/.test(readFileSync(path.join(zone, 'name'), 'latin1')))
    .map((zone) => {
      const file = path.join(zone, 'energy_uj');
      return { file, range: numberIn(path.join(zone, 'max_energy_range_uj')), last: numberIn(file) };
    });
}

function rapl(powercap: string): Meter | undefined {
  let counters: Counter[];
  try {
    counters = countersIn(powercap);
  } catch {
    return undefined; // not Linux, not this kind of processor, or not allowed
  }
  if (counters.length === 0) return undefined;
  let microjoules = 0;
  return {
    quantity: { unit: 'J', name: 'Energy of the processor', source: 'RAPL' },
    read() {
      for (const counter of counters) {
        const now = numberIn(counter.file);
        microjoules += now - counter.last + (now < counter.last ? counter.range : 0);
        counter.last = now;
      }
      return microjoules / 1e6;
    },
    close: () => undefined,
  };
}

/** Joules from samples of power: each stands until the next. */
export class PowerIntegral {
  private joules = 0;
  private readonly latest = new Map<string, { watts: number; at: number }>();

  /** @param at seconds */
  add(device: string, watts: number, at: number): void {
    const before = this.latest.get(device);
    if (before) this.joules += before.watts * (at - before.at);
    this.latest.set(device, { watts, at });
  }

  until(now: number): number {
    let joules = this.joules;
    for (const { watts, at } of this.latest.values()) joules += watts * (now - at);
    return joules;
  }
}

const SAMPLE_MS = 100;
const query = ['--query-gpu=index,power.draw', '--format=csv,noheader,nounits'];

/** All GPUs together. */
function nvml(program: string): Meter | undefined {
  const power = new PowerIntegral();
  const take = (line: string): void => {
    const [device, watts] = line.split(',').map((cell) => cell.trim());
    if (device !== undefined && Number.isFinite(Number(watts))) {
      power.add(device, Number(watts), performance.now() / 1000);
    }
  };
  const once = spawnSync(program, query, { encoding: 'utf8' });
  if (once.status !== 0 || !/^\d+, *[\d.]+$/m.test(once.stdout)) return undefined;
  once.stdout.trim().split('\n').forEach(take);
  const sampler = spawn(program, [...query, `--loop-ms=${SAMPLE_MS}`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  sampler.on('error', () => undefined); // the last samples stand
  createInterface({ input: sampler.stdout }).on('line', take);
  return {
    quantity: { unit: 'J', name: 'Energy of the GPUs', source: 'NVML' },
    read: () => power.until(performance.now() / 1000),
    close: () => void sampler.kill(),
  };
}

/** Of all threads of this process. */
const coreSeconds = (): Meter => ({
  quantity: { unit: 'core s', name: 'Core-seconds', source: 'no energy counter is readable' },
  read() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  },
  close: () => undefined,
});
