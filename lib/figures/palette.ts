/**
 * The colours of figures. They tell apart for the common forms of colour blindness (they follow Okabe and Ito, 2008),
 * and each has a contrast of at least 3:1 against a white and against a dark (#111) page, so a saved figure
 * needs no second set for the other theme.
 */
export const palette = {
  blue: '#2b7fc4',
  orange: '#cc6f0f',
  green: '#129477',
  purple: '#b0629f',
  red: '#d9503f',
  grey: '#848484',
} as const;

export type Hex = `#${string}`;

/** What a colour stands for, the same in every figure. */
export const roles = {
  /** The model is unsure: more data would help. */
  epistemic: palette.blue,
  /** The data are noisy: more data would not help. Bands of the total show this beside the epistemic part. */
  aleatoric: palette.orange,
  mean: palette.blue,
  data: palette.grey,
  truth: palette.green,
  total: palette.purple,
  error: palette.red,
} as const satisfies Record<string, Hex>;

/** The colour with an opacity from 0 to 1. */
export function translucent(color: Hex, opacity: number): string {
  const channel = (start: number): number => parseInt(color.slice(start, start + 2), 16);
  return `rgba(${channel(1)}, ${channel(3)}, ${channel(5)}, ${opacity})`;
}
