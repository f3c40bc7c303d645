import { inspect } from 'node:util';
import { viewBundle } from '../figures/bundle';
import { scalingFigure } from '../figures/scaling/scalingCurves';
import { energyFigure, type Quantity } from '../figures/scaling/scalingEnergy';
import { memoryFigure } from '../figures/scaling/scalingMemory';
import type { Reading, Series } from '../figures/scaling/scalingSeries';
import { timeSplitFigure } from '../figures/scaling/scalingTimes';
import type { ScalingPoint } from '../figures/scaling/speedup';
import { type Figure, WIRE_VERSION } from '../figures/wire/messages';
import { type Displayable, displaySymbol, type MimeBundle } from '../host';
import { belongsTo, type Cell, type Curve, curvesOf, type ScalingStrategy } from './cells';
import { paperScaling } from './paper';
import { table } from './table';

/** How training scales: what was measured, and what is derived from it. Prints as a table; in a notebook, it shows itself. */
export class Scaling implements Displayable {
  /** The same samples in each step, on more workers. */
  readonly strong: readonly Curve[];
  /** The same samples on each worker. Empty unless samples were measured that grow with the workers. */
  readonly weak: readonly Curve[];

  /** @internal made by `scaling` */
  constructor(
    /** What was measured: so many weight samples on so many workers. */
    readonly cells: readonly Cell[],
    private readonly strategies: readonly ScalingStrategy[],
    /** What `energyPerSample` counts. */
    readonly energy: Quantity,
  ) {
    this.strong = curvesOf(cells, strategies, 'strong');
    this.weak = curvesOf(cells, strategies, 'weak');
  }

  /** All there is to draw: curves need two numbers of workers, memory a run that tells it. @internal */
  figures(): Figure[] {
    const { cells, strong, weak, energy } = this;
    const paper = paperScaling();
    const of = (x: (cell: Cell) => number, y: (cell: Cell) => number | null) => this.readings(x, y);
    return [
      ...(strong.length > 0
        ? [
            scalingFigure(named(strong, 'S ='), {
              scaling: 'strong',
              references: fromPaper(paper.strong, 'S ='),
            }),
          ]
        : []),
      ...(weak.length > 0
        ? [
            scalingFigure(named(weak, 'S / W ='), {
              scaling: 'weak',
              references: fromPaper(paper.weak, 'S / W ='),
            }),
          ]
        : []),
      timeSplitFigure(
        cells.map(({ samples, times, ...place }) => ({
          group: `S = ${samples}`,
          label: sharing(place),
          ...times,
        })),
      ),
      ...(cells.some(({ memory }) => memory !== null)
        ? [
            memoryFigure(
              of(
                ({ mesh, samples }) => samples / mesh.sample,
                ({ memory }) => memory,
              ),
            ),
          ]
        : []),
      energyFigure(
        of(
          ({ workers }) => workers,
          ({ energyPerSample }) => energyPerSample,
        ),
        energy,
      ),
    ];
  }

  /** A series for each strategy and number of samples. */
  private readings(x: (cell: Cell) => number, y: (cell: Cell) => number | null): Series<Reading>[] {
    const { cells, strategies } = this;
    const numbers = [...new Set(cells.map(({ samples }) => samples))];
    return strategies.flatMap((strategy) =>
      numbers.map((samples) => ({
        name: `${titles[strategy]}, S = ${samples}`,
        points: cells
          .filter((cell) => cell.samples === samples && belongsTo(cell.mesh, strategy))
          .map((cell) => ({ x: x(cell), y: y(cell) })),
      })),
    );
  }

  toString(): string {
    return table(this);
  }

  [inspect.custom](): string {
    return this.toString();
  }

  [displaySymbol](): MimeBundle {
    const view = { version: WIRE_VERSION, kind: 'figure', figures: this.figures() } as const;
    return { ...viewBundle(view), 'text/plain': this.toString() };
  }
}

export const titles: Record<ScalingStrategy, string> = {
  sample: 'samples shared',
  data: 'data shared',
  hybrid: 'both shared',
};

const named = (curves: readonly Curve[], symbol: string): Series<ScalingPoint>[] =>
  curves.map(({ strategy, samples, points }) => ({
    name: `${titles[strategy]}, ${symbol} ${samples}`,
    points,
  }));

const fromPaper = (curves: readonly Curve[], symbol: string): Series<ScalingPoint>[] =>
  named(curves, symbol).map(({ name, points }) => ({ name: `paper, GPUs: ${name}`, points }));

/** Workers, and what they share out. */
const sharing = ({ workers, mesh }: Pick<Cell, 'workers' | 'mesh'>): string =>
  workers === 1 ? '1' : `${workers} ${mesh.data === 1 ? 'sample' : mesh.sample === 1 ? 'data' : 'hybrid'}`;
