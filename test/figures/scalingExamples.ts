/** Made-up but realistic measurements of scaling on four workers. */
import { scalingFigure } from '../../lib/figures/scaling/scalingCurves';
import { energyFigure } from '../../lib/figures/scaling/scalingEnergy';
import { memoryFigure } from '../../lib/figures/scaling/scalingMemory';
import type { Series } from '../../lib/figures/scaling/scalingSeries';
import { timeSplitFigure } from '../../lib/figures/scaling/scalingTimes';
import type { ScalingPoint } from '../../lib/figures/scaling/speedup';
import type { Figure } from '../../lib/figures/wire/messages';

const series = (name: string, rows: readonly (readonly number[])[]): Series<ScalingPoint> => ({
  name,
  points: rows.map((seconds, i) => ({ workers: 2 ** i, seconds })),
});

const strong = [
  series('samples shared, S = 16', [
    [0.0201, 0.0199, 0.0203],
    [0.0109, 0.0107, 0.0112],
    [0.0064, 0.0062, 0.0069],
  ]),
  series('data shared, S = 16', [
    [0.0201, 0.0199, 0.0203],
    [0.0118, 0.0115, 0.0119],
    [0.0081, 0.0079, 0.0085],
  ]),
];

const strongInPaper = [
  series('paper, GPUs: samples shared, S = 512', [[184.8], [94], [48.5], [26.1], [15.6]]),
  series('paper, GPUs: data shared, S = 512', [[184.5], [92.5], [46.4], [23.2], [11.7]]),
];

const weak = [
  series('samples shared, S / W = 8', [
    [0.0101, 0.01, 0.0102],
    [0.0112, 0.0111, 0.0115],
    [0.0122, 0.012, 0.0131],
  ]),
];

const weakInPaper = [
  series('paper, GPUs: samples shared, S / W = 128', [[48], [48.4], [48.5], [48.6], [49.6]]),
];

const split = (group: string, label: string, compute: number, exchange: number, wait: number) => ({
  group,
  label,
  compute: compute / 1000,
  exchange: exchange / 1000,
  wait: wait / 1000,
});

export const scalingExamples = (): Figure[] => [
  scalingFigure(strong, { scaling: 'strong', references: strongInPaper }),
  scalingFigure(weak, { scaling: 'weak', references: weakInPaper }),
  timeSplitFigure([
    split('S = 8', '1', 10.1, 0, 0),
    split('S = 8', '2 sample', 5.2, 0.2, 0.4),
    split('S = 8', '2 data', 5.8, 0.2, 0.3),
    split('S = 16', '1', 20.1, 0, 0),
    split('S = 16', '2 sample', 10.2, 0.2, 0.5),
    split('S = 16', '2 data', 10.9, 0.3, 0.6),
  ]),
  memoryFigure([
    {
      name: 'samples shared, S = 16',
      points: [
        { x: 16, y: 240 * 2 ** 20 },
        { x: 8, y: 150 * 2 ** 20 },
        { x: 4, y: 105 * 2 ** 20 },
      ],
    },
    {
      name: 'samples shared, S = 8',
      points: [
        { x: 8, y: 148 * 2 ** 20 },
        { x: 4, y: 103 * 2 ** 20 },
        { x: 2, y: 81 * 2 ** 20 },
      ],
    },
  ]),
  energyFigure(
    [
      {
        name: 'samples shared, S = 16',
        points: [
          { x: 1, y: 0.071 },
          { x: 2, y: 0.062 },
          { x: 4, y: 0.06 },
        ],
      },
      {
        name: 'data shared, S = 16',
        points: [
          { x: 1, y: 0.071 },
          { x: 2, y: 0.066 },
          { x: 4, y: 0.069 },
        ],
      },
    ],
    { unit: 'J', name: 'Energy of the processor', source: 'RAPL' },
  ),
];
