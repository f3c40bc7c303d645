import { createReadStream } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { validate } from '../validate';
import { CHECK_FILE, fileError } from './readDataFile';
import { readRows } from './rows';
import { type TableData, tableEntries, type TableOptions, type TableReader, tableReader } from './table';

export interface CsvOptions extends TableOptions {
  /** What stands between two cells (default ','). */
  delimiter?: string;
  /** The names of the columns, if the first line does not tell them. */
  columns?: readonly string[];
}

const schema = v.strictObject({
  ...tableEntries,
  delimiter: v.optional(v.pipe(v.string(), v.length(1, 'must be one letter')), ','),
  columns: v.optional(v.pipe(v.array(v.string('must be names'), 'must be a list of names'), v.minLength(1))),
});
const sourceSchema = v.pipe(
  v.string('must be the path of a file, or text of several lines'),
  v.nonEmpty('must be the path of a file, or text of several lines'),
);

/**
 * A data set from a table of text (CSV, RFC 4180). Its first line names the columns. A file is read in pieces: what stays in memory are
 * the numbers of the columns that are used.
 * @param source the path of a file, or, if it has more than one line, the text itself
 * @returns x [N, D] and y: class numbers [N] if the target is a category, else [N, D]
 * @throws CredenceError E_FILE if it is missing or no table; E_DATA, which names the line and the column, if a value is missing, or no number
 *   or category; E_OPTION if a column is chosen that is not there
 */
export async function csv(source: string, options: CsvOptions = {}): Promise<TableData> {
  const settings = validate(schema, options, 'data.csv');
  validate(sourceSchema, source, 'data.csv');
  const isText = /[\r\n]/.test(source);
  const name = isText ? 'the text' : path.basename(source);
  let table: TableReader | undefined =
    settings.columns && tableReader(settings.columns, settings, 'data.csv', name);
  try {
    await readRows(
      isText ? source : createReadStream(source, 'utf8'),
      (cells, line) => {
        if (!table) {
          table = tableReader(
            cells.map((cell) => cell.trim()),
            settings,
            'data.csv',
            name,
          );
          return;
        }
        if (settings.columns && cells.length !== settings.columns.length) {
          throw new Error(
            `line ${line} has ${cells.length} cells, but option 'columns' has ${settings.columns.length} names`,
          );
        }
        for (const { column, index } of table.columns) {
          column.add(cells[index], () => `${name}, line ${line}: column '${column.name}'`);
        }
      },
      settings.delimiter,
    );
  } catch (cause) {
    throw fileError(isText ? name : source, cause, isText ? 'Correct it' : CHECK_FILE);
  }
  return table!.finish();
}
