import { speedups } from '../figures/scaling/speedup';
import { percent, readable } from '../figures/numbers';
import type { Cell, Curve } from './cells';
import { milli, type Quantity } from '../figures/scaling/scalingEnergy';

/** What is told of a measurement of scaling. */
export interface Told {
  cells: readonly Cell[];
  strong: readonly Curve[];
  weak: readonly Curve[];
  energy: Quantity;
}

const shared = ({ workers, mesh }: Cell): string =>
  workers === 1
    ? '-'
    : mesh.data === 1
      ? 'samples'
      : mesh.sample === 1
        ? 'data'
        : `${mesh.sample} x ${mesh.data}`;

export const milliseconds = (seconds: number): string => readable(1000 * seconds);

const mebibytes = (bytes: number | null): string => (bytes === null ? '-' : readable(bytes / 2 ** 20));

/** One line for each cell, and one for each curve: of those, efficiency on the numbers of workers. */
export function table({ cells, strong, weak, energy }: Told): string {
  const head = [
    'workers',
    'share',
    'S',
    'steps/s',
    'from',
    'to',
    'compute ms',
    'exchange ms',
    'wait ms',
    'MiB/worker',
    `${milli(energy)}/sample`,
  ];
  const rows = cells.map((cell) => [
    String(cell.workers),
    shared(cell),
    String(cell.samples),
    readable(cell.stepsPerSecond),
    ...cell.range.map((rate) => readable(rate)),
    milliseconds(cell.times.compute),
    milliseconds(cell.times.exchange),
    milliseconds(cell.times.wait),
    mebibytes(cell.memory),
    readable(1000 * cell.energyPerSample),
  ]);
  return [
    ...aligned([head, ...rows]),
    '',
    ...strong.map((curve) => describe(curve, 'strong')),
    ...weak.map((curve) => describe(curve, 'weak')),
    `Cost: ${energy.name} (${energy.source}).`,
  ].join('\n');
}

/** Columns as wide as their widest cell, numbers to the right. */
export function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows.map((row) => row.map((cell, i) => cell.padStart(widths[i]!)).join('  '));
}

function describe({ strategy, samples, points }: Curve, scaling: 'strong' | 'weak'): string {
  const work = scaling === 'strong' ? `S = ${samples}` : `S = ${samples} a worker`;
  const told = speedups(points, scaling).map(
    ({ workers, middle, efficiency }) => `${workers}: ${readable(middle)} (${percent(efficiency)})`,
  );
  return `Speed-up (efficiency), ${scaling} scaling, ${strategy === 'sample' ? 'samples' : 'data'} shared, ${work}: ${told.join(', ')}.`;
}
