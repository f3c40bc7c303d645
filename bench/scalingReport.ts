/** What the measurement of scaling says: speed-up and efficiency of each contender, and ours against others that share alike. */
import { digits, heading, orDash, row, tableHead } from './markdown';
import type { ConfigResults, Result } from './measure';
import type { Report } from './report';
import { type Mode, OURS, type Part, parts } from './scaling';
import { quantile } from './statistics';

export interface Scaled {
  family: string;
  mode: Mode;
  result: Result;
  /** Wall milliseconds a step: the middle half of the rounds. */
  middleHalf: readonly [number, number];
  /** Work done in a given time, over what the same contender does alone; null if that was not measured. */
  speedup: number | null;
  /** The same by the fastest round of each, which other work on the machine disturbed least. */
  best: number | null;
  /** Speed-up for each worker; 1 is ideal. */
  efficiency: number | null;
  /** Our time over that of each other contender that shares alike; below 1 we are faster. */
  ratios: { family: string; ratio: number }[];
}

/** Work that all workers do in a step together, in steps of a lone worker. */
const workOf = (mode: Mode, workers: number): number => (mode === 'weak' || mode === 'apart' ? workers : 1);

const fastest = ({ rounds }: Result): number => Math.min(...rounds.map(({ wallMs }) => wallMs));

/** @param taken all parts, also those that could not be measured */
export function scaled({ results }: ConfigResults, taken: readonly Part[], workers: number): Scaled[] {
  const find = (part: Part | undefined): Result | undefined =>
    results.find(({ name, trains }) => name === part?.entry.name && trains);
  return taken.flatMap((part): Scaled[] => {
    const result = find(part);
    if (!result) return [];
    const { family, mode } = part;
    const alone = find(taken.find((other) => other.family === family && other.mode === 'alone'));
    const gain = (time: (of: Result) => number): number | null =>
      alone ? (workOf(mode, workers) * time(alone)) / time(result) : null;
    const speedup = gain(({ wallMs }) => wallMs);
    const rivals =
      family === OURS ? taken.filter((other) => other.family !== OURS && other.mode === mode) : [];
    const times = result.rounds.map(({ wallMs }) => wallMs);
    return [
      {
        family,
        mode,
        result,
        middleHalf: [quantile(times, 0.25), quantile(times, 0.75)],
        speedup,
        best: gain(fastest),
        efficiency: speedup === null ? null : speedup / (mode === 'alone' ? 1 : workers),
        ratios: rivals.flatMap((rival) => {
          const other = find(rival);
          return other ? [{ family: rival.family, ratio: result.wallMs / other.wallMs }] : [];
        }),
      },
    ];
  });
}

const percent = (share: number | null): string => (share === null ? '-' : `${(100 * share).toFixed(0)} %`);

const columns = [
  'contender',
  'wall ms/step',
  'middle half',
  'speed-up',
  'fastest',
  'efficiency',
  'MiB in all',
  'loss, first to last',
];

const factor = (speedup: number | null): string => (speedup === null ? '-' : speedup.toFixed(2));

function line({ result, middleHalf, speedup, best, efficiency }: Scaled): string {
  return row([
    result.name,
    digits(result.wallMs),
    middleHalf.map(digits).join(' to '),
    factor(speedup),
    factor(best),
    percent(efficiency),
    orDash(result.peakMiB),
    `${digits(result.firstLoss)} to ${digits(result.lastLoss)}`,
  ]);
}

/** What is shared out, and what the machine allows those who do. */
const kinds = [
  { name: 'strong', mode: 'sample', ceiling: 'sharesApart' },
  { name: 'weak', mode: 'weak', ceiling: 'apart' },
] as const;

function table(measured: ConfigResults, { setting, peers }: ScalingReport): string {
  const { config, results, failures } = measured;
  const all = scaled(measured, parts(config, setting.threads, peers), setting.threads);
  const ours = (mode: Mode): number | null | undefined =>
    all.find((each) => each.family === OURS && each.mode === mode)?.efficiency;
  const shares = kinds.flatMap(({ name, mode, ceiling }) => {
    const [own, most] = [ours(mode), ours(ceiling)];
    if (!own || !most) return [];
    return [
      `- ${name} scaling: ${percent(own)} of ideal, **${percent(own / most)}** of what the machine allows`,
    ];
  });
  return [
    `**${config.name}: ${config.title}** (${config.stepsPerTurn} steps a turn)`,
    [...tableHead(columns), ...all.map(line)].join('\n'),
    [
      ...shares,
      ...all.flatMap(({ result, ratios }) =>
        ratios.map(
          ({ family, ratio }) => `- ${result.name} / ${family} alike: **${ratio.toFixed(2)}** of the time`,
        ),
      ),
      ...results.filter(({ trains }) => !trains).map(({ name }) => `- **does not train**: ${name}`),
      ...failures.map(({ reason }) => `- not measured: ${reason}`),
    ].join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

export interface ScalingReport extends Report {
  /** Whether others than Credence took part. */
  peers: boolean;
}

export const scalingMarkdown = (report: ScalingReport): string =>
  [heading(report), ...report.configs.map((config) => table(config, report))].join('\n\n');
