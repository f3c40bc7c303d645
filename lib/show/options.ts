/** What may be said to the functions of `show`; wrong options are refused before anything is drawn. */
import * as v from 'valibot';
import type { BandOptions } from '../figures/band';
import type { ImagesOptions } from '../figures/images';
import type { LinesOptions } from '../figures/lines';
import type { SpeedupOptions } from '../figures/scaling/speedup';
import { count } from '../validate';

export const numbers = v.custom<ArrayLike<number>>(
  (value) => ArrayBuffer.isView(value) || Array.isArray(value),
  'must be an array of numbers',
);
const points = v.looseObject({ x: numbers, y: numbers });
const share = v.pipe(
  v.number('must be a number between 0 and 1'),
  v.gtValue(0, 'must be above 0'),
  v.ltValue(1, 'must be below 1'),
);

/** Options of `show.bands`. */
export interface ShowBandsOptions extends BandOptions {
  /** Which of D targets. Default 0. */
  target?: number;
  /** Whether the sizes of aleatoric and epistemic uncertainty are drawn apart as well, below. Default false. */
  parts?: boolean;
}

export const bandsSchema: v.GenericSchema<unknown, ShowBandsOptions> = v.strictObject({
  target: v.optional(count(0)),
  parts: v.optional(v.boolean()),
  data: v.optional(points),
  truth: v.optional(points),
  levels: v.optional(v.array(share)),
  time: v.optional(v.boolean()),
  title: v.optional(v.string()),
  xTitle: v.optional(v.string()),
  yTitle: v.optional(v.string()),
});

export const imagesSchema: v.GenericSchema<unknown, ImagesOptions> = v.strictObject({
  select: v.picklist(['misclassified', 'uncertain']),
  limit: v.optional(count(1)),
  columns: v.optional(count(1)),
  classes: v.optional(v.array(v.string())),
  range: v.optional(v.tuple([v.number(), v.number()])),
});

export const speedupSchema: v.GenericSchema<unknown, SpeedupOptions> = v.strictObject({
  scaling: v.optional(v.picklist(['strong', 'weak'])),
  title: v.optional(v.string()),
});

export const linesSchema: v.GenericSchema<unknown, LinesOptions> = v.strictObject({
  title: v.string(),
  xTitle: v.string(),
  yTitle: v.string(),
  reference: v.optional(v.strictObject({ name: v.string(), y: v.number() })),
});
