/** What convolutions are told, whatever their axes and their direction. */
import * as v from 'valibot';
import { count } from '../validate';
import { linearEntries, type LinearOptions } from './linear';
import { type Axes, paddingOption, type Sizes, sizes } from './windows';

export interface FilterOptions<Size extends Sizes> extends LinearOptions {
  /** Number of filters: channels of the output. */
  filters: number;
  /** Size of the filters: one number, or one for each axis, as [height, width]. */
  kernelSize: Size;
}

export const filterEntries = <Size extends Sizes>(axes: Axes) => ({
  filters: count(1),
  kernelSize: sizes<Size>(axes, 1),
  strides: v.optional(sizes<Sizes>(axes, 1), 1),
  padding: v.optional(paddingOption, 'same'),
  ...linearEntries,
});
