import path from 'node:path';
import * as v from 'valibot';
import { validate } from '../validate';
import { CHECK_FILE, fileError, filePath } from './readDataFile';
import { type TableData, tableEntries, type TableOptions, tableReader } from './table';

const schema = v.strictObject(tableEntries);

/**
 * A data set from an Apache Parquet file. Only the columns that are used are read, one row group at a time.
 * @returns as `data.csv`
 * @throws CredenceError E_FILE if it is missing or damaged; E_DATA, which names the row and the column, if a value is missing, or no number
 *   or category; E_OPTION if a column is chosen that is not there
 */
export async function parquet(file: string, options: TableOptions = {}): Promise<TableData> {
  const settings = validate(schema, options, 'data.parquet');
  const name = path.basename(filePath(file, 'data.parquet'));
  try {
    const { asyncBufferFromFile, parquetMetadataAsync, parquetScan, parquetSchema } =
      await import('hyparquet');
    const { compressors } = await import('hyparquet-compressors');
    const buffer = await asyncBufferFromFile(file);
    const metadata = await parquetMetadataAsync(buffer);
    const all = parquetSchema(metadata).children.map(({ element }) => element.name);
    const table = tableReader(all, settings, 'data.parquet', name);
    const columns = table.columns.map(({ column }) => column.name);
    const scan = await parquetScan({ file: buffer, metadata, columns, compressors });
    for (const { rowStart, rowEnd } of scan.ranges) {
      for (const { column } of table.columns) {
        const cells = await scan.readColumn({ column: column.name, rowStart, rowEnd });
        for (let i = 0; i < cells.length; i++) {
          column.add(cells[i], () => `${name}, row ${rowStart + i + 1}: column '${column.name}'`);
        }
      }
    }
    return table.finish();
  } catch (cause) {
    throw fileError(file, cause, CHECK_FILE);
  }
}
