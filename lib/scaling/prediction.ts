import { inspect } from 'node:util';
import { viewBundle } from '../figures/bundle';
import { percent, readable } from '../figures/numbers';
import { palette } from '../figures/palette';
import type { ScatterTrace } from '../figures/wire/plotly';
import { scalingFigure } from '../figures/scaling/scalingCurves';
import type { Series } from '../figures/scaling/scalingSeries';
import type { ScalingPoint } from '../figures/scaling/speedup';
import { type Figure, WIRE_VERSION } from '../figures/wire/messages';
import { type Displayable, displaySymbol, type MimeBundle } from '../host';
import type { Mesh } from '../parallel/plan/mesh';
import type { ScalingStrategy } from './cells';
import { titles } from './result';
import { aligned } from './table';

/** An epoch on so many devices. */
export interface PredictedStep {
  strategy: ScalingStrategy;
  devices: number;
  /** Of hybrids, the quickest. */
  mesh: Mesh;
  /** Rows of a step, over all workers. */
  batch: number;
  /** Of an epoch. */
  seconds: number;
  /** Over one device. */
  speedup: number;
  /** Speed-up of each device; 1 is ideal. */
  efficiency: number;
  /** Whether these are more devices than any measurement of the model had. */
  extrapolated: boolean;
}

/** How a job of so many weight samples scales. */
export interface Prediction {
  samples: number;
  /** Seconds of an epoch on one device. */
  alone: number;
  steps: readonly PredictedStep[];
  /** The first number of devices of which sharing samples out uses less than a half; null if it never does, up to a device for each sample. */
  sampleStops: number | null;
  /** The number of devices from which on a hybrid is the quickest, and that hybrid; null if there is none. */
  hybridFrom: { devices: number; mesh: Mesh } | null;
}

const strategies = ['sample', 'data', 'hybrid'] as const;

/** How training would scale. Prints as a table; in a notebook, it shows itself. */
export class ScalingPrediction implements Displayable {
  /** @internal made by `predictScaling` */
  constructor(
    /** One for each number of samples. */
    readonly predictions: readonly Prediction[],
    /** Of an epoch. */
    readonly rows: number,
    /** The most devices that the model was fitted to; 0 if it was fitted to nothing. */
    readonly measuredUpTo: number,
  ) {}

  /** @internal */
  figures(): Figure[] {
    return this.predictions.map((prediction) => {
      const curves = strategies.map((strategy) => curveOf(prediction, strategy));
      const figure = scalingFigure(
        curves.filter(({ points }) => points.length > 1),
        { scaling: 'strong' },
      );
      const title = `Predicted speed-up, S = ${prediction.samples}`;
      return { ...figure, title, data: [...figure.data, ...this.border(prediction)] };
    });
  }

  /** Where measurements end. */
  private border({ steps }: Prediction): ScatterTrace[] {
    const { measuredUpTo: x } = this;
    const speedups = steps.map(({ speedup }) => speedup);
    const most = Math.max(...steps.map(({ devices }) => devices));
    if (x === 0 || x >= most) return [];
    return [
      {
        type: 'scatter',
        mode: 'lines',
        name: `measured up to ${x}`,
        x: [x, x],
        y: [Math.min(1, ...speedups), most],
        line: { color: palette.grey, width: 1.5, dash: 'dot' },
        hoverinfo: 'skip',
      },
    ];
  }

  toString(): string {
    const lines = this.predictions.map((prediction) => describe(prediction));
    return `${lines.join('\n\n')}\n\nSeconds of ${this.rows} rows, and efficiency. *: more devices than were measured.`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  [displaySymbol](): MimeBundle {
    const view = { version: WIRE_VERSION, kind: 'figure', figures: this.figures() } as const;
    return { ...viewBundle(view), 'text/plain': this.toString() };
  }
}

const pointOf = ({ devices, seconds }: PredictedStep): ScalingPoint => ({
  workers: devices,
  seconds: [seconds],
});

/** One device is where all of them begin. */
const curveOf = ({ alone, steps }: Prediction, strategy: ScalingStrategy): Series<ScalingPoint> => ({
  name: titles[strategy],
  points: [
    { workers: 1, seconds: [alone] },
    ...steps.filter((step) => step.strategy === strategy && step.devices > 1).map(pointOf),
  ],
});

function describe({ samples, steps, sampleStops, hybridFrom }: Prediction): string {
  const numbers = [...new Set(steps.map(({ devices }) => devices))];
  const cell = (step: PredictedStep | undefined): string =>
    step ? `${readable(step.seconds)} (${percent(step.efficiency)})` : '-';
  const head = ['devices', ...strategies.map((strategy) => titles[strategy]), 'hybrid'];
  const rows = numbers.map((number) => {
    const own = steps.filter(({ devices }) => devices === number);
    const of = (strategy: ScalingStrategy) => own.find((step) => step.strategy === strategy);
    const hybrid = of('hybrid')?.mesh;
    return [
      `${number}${own[0]!.extrapolated ? '*' : ''}`,
      ...strategies.map((strategy) => cell(of(strategy))),
      hybrid ? `${hybrid.sample} x ${hybrid.data}` : '-',
    ];
  });
  const stops =
    sampleStops === null
      ? 'sharing samples out uses at least half of every device'
      : `sharing samples out uses less than half of ${sampleStops} devices`;
  const from = hybridFrom
    ? `from ${hybridFrom.devices} devices on a hybrid is the quickest (${hybridFrom.mesh.sample} x ${hybridFrom.mesh.data} there)`
    : 'no hybrid is the quickest on the most devices';
  return [`S = ${samples}: ${stops}; ${from}.`, ...aligned([head, ...rows])].join('\n');
}
