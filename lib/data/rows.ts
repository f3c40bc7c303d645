/** Tables of text (CSV, RFC 4180), row by row. What is wrong is thrown as an `Error` for the caller to report with the name of the file. */
import { Readable } from 'node:stream';
import { parse } from 'papaparse';

/** The pieces of a text without the byte order mark that may be before it. */
async function* withoutMark(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let isFirst = true;
  for await (const piece of pieces) {
    yield isFirst ? piece.replace(/^\ufeff/, '') : piece;
    isFirst = false;
  }
}

/**
 * Tells the cells of each row, in order; empty lines are none. Text that comes in pieces is never in memory as a whole.
 * @param each told the cells, and the line that they start at, counted from 1; may throw
 * @throws if there is no row, one has more or fewer cells than the first, or a quotation mark is missing
 */
export function readRows(
  source: string | AsyncIterable<string>,
  each: (cells: string[], line: number) => void,
  delimiter = ',',
): Promise<void> {
  let line = 1;
  let columns: number | undefined;

  function read(cells: string[], problem: string | undefined): void {
    const from = line;
    for (const cell of cells) if (cell.includes('\n')) line += cell.split('\n').length - 1;
    line++;
    if (cells.length === 1 && cells[0] === '') return;
    if (problem !== undefined) throw new Error(`line ${from}: ${problem}`);
    columns ??= cells.length;
    if (cells.length !== columns) throw new Error(`line ${from} has ${cells.length} cells, not ${columns}`);
    each(cells, from);
  }

  return new Promise((resolve, reject) => {
    const input = typeof source === 'string' ? source : Readable.from(withoutMark(source));
    parse<string[]>(input, {
      delimiter,
      step({ data, errors }, parser) {
        try {
          read(data, errors[0]?.message);
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
          parser.abort();
          if (typeof input !== 'string') input.destroy();
        }
      },
      complete: () => (columns === undefined ? reject(new Error('it is empty')) : resolve()),
      error: reject,
    });
  });
}

/** A cell as a number. @throws if it is anything else */
export function numeric(cell: string, line: number): number {
  const value = cell.trim() === '' ? NaN : Number(cell);
  if (!Number.isFinite(value)) throw new Error(`line ${line} has '${cell}' where a number should be`);
  return value;
}
