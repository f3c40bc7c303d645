import { readable } from '../numbers';
import { assertSomething, doublingAxis, type Reading, type Series, seriesTraces } from './scalingSeries';
import type { Figure } from '../wire/messages';

/** What was counted: energy, or the work of cores where no energy is known, which must not be taken for it. */
export interface Quantity {
  unit: 'J' | 'core s';
  /** 'Energy of the processor' */
  name: string;
  /** Where it is from, or why it is not energy. */
  source: string;
}

/** The thousandth of the unit. */
export const milli = ({ unit }: Quantity): string => (unit === 'J' ? 'mJ' : 'core ms');

/**
 * Draws what a weight sample of a step costs over the number of workers; a flat line is ideal.
 * @param series x is workers, y the cost in the quantity's unit
 * @throws CredenceError E_DATA if there is no point
 */
export function energyFigure(series: readonly Series<Reading>[], quantity: Quantity): Figure {
  assertSomething('energy figure', series);
  const unit = milli(quantity);
  const small = series.map(({ name, points }) => ({
    name,
    points: points.map(({ x, y }) => ({ x, y: y === null ? null : 1000 * y })),
  }));
  const most = Math.max(0, ...small.flatMap(({ points }) => points.map(({ y }) => y ?? 0)));
  return {
    title: `${quantity.name} per sample`,
    description: `${quantity.name} (${quantity.source}) per weight sample of a step, over workers: ${small
      .map(
        ({ name, points }) =>
          `${name}: ${points.map(({ x, y }) => `${readable(y ?? NaN)} ${unit} with ${x}`).join(', ')}`,
      )
      .join('; ')}.`,
    data: seriesTraces(small, unit),
    layout: {
      hovermode: 'closest',
      xaxis: doublingAxis(
        series.flatMap(({ points }) => points.map(({ x }) => x)),
        'workers',
      ),
      yaxis: { title: { text: `${unit} (${quantity.source})` }, range: [0, 1.1 * most || 1] },
    },
  };
}
