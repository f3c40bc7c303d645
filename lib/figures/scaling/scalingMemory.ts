import { readable } from '../numbers';
import { assertSomething, doublingAxis, type Reading, type Series, seriesTraces } from './scalingSeries';
import type { Figure } from '../wire/messages';

/**
 * Draws the peak memory of a worker over the weight samples that it draws: what sample parallelism saves.
 * @param series x is samples of a worker, y bytes
 * @throws CredenceError E_DATA if there is no point
 */
export function memoryFigure(series: readonly Series<Reading>[]): Figure {
  assertSomething('memory figure', series);
  const inMiB = series.map(({ name, points }) => ({
    name,
    points: points.map(({ x, y }) => ({ x, y: y === null ? null : y / 2 ** 20 })),
  }));
  const most = Math.max(0, ...inMiB.flatMap(({ points }) => points.map(({ y }) => y ?? 0)));
  return {
    title: 'Memory of a worker',
    description: `Peak memory of a worker over its weight samples: ${inMiB
      .map(
        ({ name, points }) =>
          `${name}: ${points.map(({ x, y }) => `${readable(y ?? NaN)} MiB with ${x}`).join(', ')}`,
      )
      .join('; ')}.`,
    data: seriesTraces(inMiB, 'MiB'),
    layout: {
      hovermode: 'closest',
      xaxis: doublingAxis(
        series.flatMap(({ points }) => points.map(({ x }) => x)),
        'weight samples of a worker (S / W)',
      ),
      yaxis: { title: { text: 'peak MiB' }, range: [0, 1.1 * most || 1] },
    },
  };
}
