/**
 * Jupyter counts the cursor's position in characters (code points), JavaScript in UTF-16 units: an emoji is one of the
 * former and two of the latter.
 */
export const toUnits = (code: string, characters: number): number =>
  Array.from(code).slice(0, Math.max(0, characters)).join('').length;

/** The inverse of {@link toUnits}. */
export const toCharacters = (code: string, units: number): number => Array.from(code.slice(0, units)).length;
