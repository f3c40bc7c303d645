import { inspect } from 'node:util';

/** Rows of text as columns, two spaces apart; the first row is the heading. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A value that prints as this text. */
export const printedAs = <T extends object>(value: T, text: () => string): T =>
  Object.defineProperty(value, inspect.custom, { value: text, enumerable: false });
