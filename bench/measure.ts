/**
 * Measures contenders against each other in one run. They take turns of a few steps, round after round, while all others
 * sleep: whatever else the machine does hits all alike, and the medians leave out the worst of it.
 */
import path from 'node:path';
import type { Config } from './configs';
import { Contender } from './contender';
import { type Entry, type Setting } from './contenders';
import { gflopPerStep, PEAK_GFLOP } from './flops';
import { writeProblem } from './problem';
import { median } from './statistics';
import type { Ran, Ready } from './wire';

/** What was measured of one contender. */
export interface Result {
  name: string;
  /** Milliseconds per step, medians of the rounds. CPU time is that of all threads. */
  wallMs: number;
  cpuMs: number;
  /** The rounds, in order. */
  rounds: { steps: number; wallMs: number; cpuMs: number; loss: number }[];
  firstCallSeconds: number;
  /** Loss per datum of the first step and of the last, in the contender's own objective. */
  firstLoss: number;
  lastLoss: number;
  /** Whether the loss is finite and fell: it really trains. */
  trains: boolean;
  peakMiB: number | null;
  peakAboveImportMiB: number | null;
  /** Matrix products and convolutions of one step, as its estimator needs them. */
  gflop: number;
  versions: Record<string, string>;
}

/** A contender that could not be measured. */
export interface Failure {
  name: string;
  reason: string;
}

export interface ConfigResults {
  config: Config;
  results: Result[];
  failures: Failure[];
  /** GFLOP per second of a large matrix product, by wall and by CPU time; null if it could not be measured. */
  peak: { wallMs: number; cpuMs: number } | null;
}

interface Player {
  entry: Entry;
  contender: Contender;
  ready: Ready;
  turns: Ran[];
}

export interface MeasureOptions {
  /** Turns of each contender that are measured, after one to warm up. */
  rounds: number;
  setting: Setting;
  /** A folder for the contenders' problem. */
  folder: string;
  /** Told what goes on. */
  progress(line: string): void;
}

export async function measure(
  config: Config,
  entries: readonly Entry[],
  { rounds, setting, folder, progress }: MeasureOptions,
): Promise<ConfigResults> {
  const { stepsPerTurn } = config;
  const problem = path.join(folder, config.name);
  writeProblem(problem, config);
  const players: Player[] = [];
  const failures: Failure[] = [];
  /** Does something with a contender that may fail, and then is out. */
  const attempt = async (name: string, work: () => Promise<void>): Promise<boolean> => {
    try {
      await work();
      return true;
    } catch (error) {
      failures.push({ name, reason: (error as Error).message });
      progress(`${config.name}: ${(error as Error).message}`);
      return false;
    }
  };
  try {
    for (const entry of entries) {
      progress(`${config.name}: ${entry.name} starts`);
      await attempt(entry.name, async () => {
        const [contender, ready] = await Contender.start(entry.name, entry.command(setting, problem));
        players.push({ entry, contender, ready, turns: [] });
        await contender.run(stepsPerTurn); // to warm up
      });
    }
    for (let round = 0; round < rounds; round++) {
      progress(`${config.name}: round ${round + 1} of ${rounds}`);
      for (const player of inTurn(players, round)) {
        if (failures.some(({ name }) => name === player.entry.name)) continue;
        await attempt(player.entry.name, async () => {
          player.turns.push(await player.contender.run(stepsPerTurn));
        });
      }
    }
  } finally {
    for (const { contender } of players) contender.stop();
  }
  const sound = players.filter(({ entry }) => !failures.some(({ name }) => name === entry.name));
  const peak = sound.find(({ entry }) => entry.role.kind === 'peak');
  return {
    config,
    results: sound.filter((player) => player !== peak).map((player) => result(player, config)),
    failures,
    peak: peak ? peakOf(peak.turns) : null,
  };
}

/** Everybody, each round beginning with another, so that nobody always follows the same. */
const inTurn = <T>(all: readonly T[], round: number): T[] =>
  all.map((_, i) => all[(i + round) % all.length]!);

const perStep = (turns: readonly Ran[], of: 'wallMs' | 'cpuMs'): number =>
  median(turns.map((turn) => turn[of] / turn.steps));

const peakOf = (turns: readonly Ran[]): ConfigResults['peak'] => ({
  wallMs: PEAK_GFLOP / (perStep(turns, 'wallMs') / 1000),
  cpuMs: PEAK_GFLOP / (perStep(turns, 'cpuMs') / 1000),
});

function result({ entry, ready, turns }: Player, config: Config): Result {
  const last = turns.at(-1)!;
  return {
    name: entry.name,
    wallMs: perStep(turns, 'wallMs'),
    cpuMs: perStep(turns, 'cpuMs'),
    rounds: turns.map(({ steps, wallMs, cpuMs, loss }) => ({
      steps,
      wallMs: wallMs / steps,
      cpuMs: cpuMs / steps,
      loss,
    })),
    firstCallSeconds: ready.firstCallSeconds,
    firstLoss: ready.loss,
    lastLoss: last.loss,
    trains: Number.isFinite(last.loss) && last.loss < ready.loss,
    peakMiB: last.peakMiB,
    peakAboveImportMiB: last.peakAboveImportMiB,
    gflop: gflopPerStep(config, entry.role.kind === 'ours' ? entry.role.estimator : 'weights'),
    versions: ready.versions,
  };
}
