/** A measurement as Markdown: one table for each configuration. */
import type { ConfigResults, Result } from './measure';
import { clockOf, rate, ratios, type Report } from './report';

export const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** The two lines that a table begins with: names to the left, numbers to the right. */
export const tableHead = (cells: readonly string[]): string[] => [
  row(cells),
  row(cells.map((_, i) => (i === 0 ? '---' : '--:'))),
];

/** Three digits that count. */
export const digits = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);

export const orDash = (value: number | null): string => (value === null ? '-' : value.toFixed(0));

const times = { cpuMs: 'CPU time', wallMs: 'wall time' };

const columns = [
  'contender',
  'CPU ms/step',
  'wall ms/step',
  'GFLOP/s',
  'of peak',
  'first call s',
  'MiB above import',
  'MiB in all',
  'loss, first to last',
];

function line(result: Result, config: ConfigResults, report: Report): string {
  const { gflops, share } = rate(result, config, report.setting);
  const losses = `${digits(result.firstLoss)} to ${digits(result.lastLoss)}`;
  return row([
    result.name,
    digits(result.cpuMs),
    digits(result.wallMs),
    gflops.toFixed(0),
    share === null ? '-' : `${(100 * share).toFixed(0)} %`,
    result.firstCallSeconds.toFixed(1),
    orDash(result.peakAboveImportMiB),
    orDash(result.peakMiB),
    result.trains ? losses : `**does not train**: ${losses}`,
  ]);
}

function table(config: ConfigResults, report: Report): string {
  const { name, title, stepsPerTurn } = config.config;
  const clock = clockOf(report.setting);
  const [first, second] = clock === 'cpuMs' ? (['cpuMs', 'wallMs'] as const) : (['wallMs', 'cpuMs'] as const);
  const compared = ratios(config, report.setting).map(
    (ratio) =>
      `- ${ratio.ours} / ${ratio.theirs}: **${ratio[first].toFixed(2)}** of the ${times[first]}, ${ratio[second].toFixed(2)} of the ${times[second]}`,
  );
  const failed = config.failures.map(({ reason }) => `- not measured: ${reason}`);
  const { peak } = config;
  const most = peak === null ? '' : ` Peak of the machine: ${peak[clock].toFixed(0)} GFLOP/s.`;
  const cost = config.results[0] ? `${digits(config.results[0].gflop)} GFLOP a step` : '';
  return [
    `**${name}: ${title}** (${cost}, ${stepsPerTurn} steps a turn).${most}`,
    [...tableHead(columns), ...config.results.map((result) => line(result, config, report))].join('\n'),
    [...compared, ...failed].join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** Where, when and with what it was measured. */
export function heading({ machine, setting, rounds, configs }: Report): string {
  const versions = new Map(Object.entries(machine.versions));
  for (const { results } of configs) {
    for (const result of results)
      for (const [name, version] of Object.entries(result.versions)) versions.set(name, version);
  }
  const where = machine.gpu ?? `${setting.threads} thread${setting.threads === 1 ? '' : 's'}`;
  const bound = machine.pinned ? ', each contender bound to as many cores as it has threads' : '';
  return [
    `Measured on ${machine.date}, ${where}: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}${bound};`,
    `${rounds} rounds, medians. ${[...versions].map(([name, version]) => `${name} ${version}`).join(', ')}.`,
  ].join('\n');
}

export const markdown = (report: Report): string =>
  [heading(report), ...report.configs.map((config) => table(config, report))].join('\n\n');
