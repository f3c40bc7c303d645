/**
 * Plain CSV: numbers and dates, no quotes. What is wrong is thrown as an `Error` for `readDataFile` to report with the
 * name of the file.
 */

/** The cells of each line. @throws if there is no line, or one with more or fewer cells than the first */
export function cells(text: string): string[][] {
  const lines = text.trimEnd().split(/\r?\n/);
  if (lines[0] === '') throw new Error('it is empty');
  const table = lines.map((line) => line.split(','));
  const columns = table[0]!.length;
  table.forEach((row, i) => {
    if (row.length !== columns) throw new Error(`line ${i + 1} has ${row.length} cells, not ${columns}`);
  });
  return table;
}

/** A cell as a number. @param line counted from 1 @throws if it is anything else */
export function numeric(cell: string, line: number): number {
  const value = cell.trim() === '' ? NaN : Number(cell);
  if (!Number.isFinite(value)) throw new Error(`line ${line} has '${cell}' where a number should be`);
  return value;
}
