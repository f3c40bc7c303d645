/** What is predicted over an area. */
import * as v from 'valibot';
import { CredenceError } from '../errors';
import { mapFigure, type MapGrid, type MapOptions } from '../figures/map';
import { extent } from '../figures/numbers';
import type { Regression } from '../inference/posterior/prediction';
import { count, validate } from '../validate';
import { column } from './columns';
import { numbers } from './options';
import { type Picture, picture } from './picture';

/** Options of `show.maps`. */
export interface ShowMapsOptions extends Omit<MapOptions, 'title' | 'range'> {
  /**
   * Where there is a prediction for each place: which of D targets. Where there is a target for each place: which of N predictions.
   * Default 0.
   */
  index?: number;
}

const gridSchema: v.GenericSchema<unknown, MapGrid> = v.strictObject({ x: numbers, y: numbers });
const schema = v.strictObject({
  index: v.optional(count(0), 0),
  unit: v.optional(v.string()),
  xTitle: v.optional(v.string()),
  yTitle: v.optional(v.string()),
});

/**
 * Maps of a regression over an area: the mean, the noise of the data (aleatoric) and what more data would tell (epistemic), both
 * uncertainties in the same colours.
 * @param grid centres of its cells, evenly spaced: x [W], y [H]
 * @param prediction for H * W places, row by row in the order of the grid; or with H * W targets
 * @throws CredenceError E_SHAPE, E_OPTION, E_DATA
 */
export function maps(
  grid: MapGrid,
  prediction: Pick<Regression, 'mean' | 'aleatoric' | 'epistemic'>,
  options: ShowMapsOptions = {},
): Picture {
  const what = 'show.maps';
  const { x, y } = validate(gridSchema, grid, `${what}: grid`);
  const { index, ...rest } = validate(schema, options, what);
  const cells = x.length * y.length;
  const [rows, targets] = prediction.mean.shape as [number, number];
  if (rows !== cells && targets !== cells) {
    throw new CredenceError(
      'E_SHAPE',
      `${what}: the grid has ${y.length} × ${x.length} = ${cells} places, but the prediction is [${rows}, ${targets}]: it needs as many rows, or targets`,
    );
  }
  const choices = rows === cells ? targets : rows;
  if (index >= choices) {
    throw new CredenceError('E_OPTION', `${what}: there is no index ${index}, it is 0 to ${choices - 1}`);
  }
  const field = (values: ArrayLike<number>): Float64Array =>
    rows === cells
      ? column(values, index, targets)
      : Float64Array.from({ length: cells }, (_, i) => values[index * cells + i]!);
  const [aleatoric, epistemic] = [field(prediction.aleatoric), field(prediction.epistemic)];
  const range = extent([...aleatoric, ...epistemic]);
  const spread = { ...rest, ...(range ? { range } : {}) };
  return picture(
    mapFigure({ x, y }, field(prediction.mean), { ...rest, title: 'Mean' }),
    mapFigure({ x, y }, aleatoric, { ...spread, title: 'Aleatoric std' }),
    mapFigure({ x, y }, epistemic, { ...spread, title: 'Epistemic std' }),
  );
}
