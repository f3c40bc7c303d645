import path from 'node:path';
import * as v from 'valibot';
import { dataFolder } from '../environment';
import { ndarray } from '../ndarray';
import { validate } from '../validate';
import { downloadEntries, type DownloadOptions, ensureFile } from './download';
import type { TimeSeries } from './forecasting';
import { readDataFile } from './readDataFile';
import { numeric, readRows } from './rows';

const REMOTE = {
  url: 'https://raw.githubusercontent.com/zhouhaoyi/ETDataset/main/ETT-small/ETTh1.csv',
  bytes: 2_589_657,
  sha256: 'f18de3ad269cef59bb07b5438d79bb3042d3be49bdeecf01c1cd6d29695ee066',
};
const HEADER = 'date,HUFL,HULL,MUFL,MULL,LUFL,LULL,OT';
const ROWS = 17_420;
const FIRST = Date.UTC(2016, 6, 1);
const HOUR = 3_600_000;
const MONTH = 30 * 24; // rows, as all published results on ETT count them

const schema = v.strictObject(downloadEntries(REMOTE.url));

/** @throws if this is not the file that the authors publish */
async function parse(text: string): Promise<TimeSeries> {
  const columns = HEADER.split(',').slice(1);
  const times = new Float64Array(ROWS);
  const values = new Float32Array(ROWS * columns.length);
  let rows = -1; // the header is none
  await readRows(text, (cells, line) => {
    const i = rows++;
    if (i === -1) {
      if (cells.join(',') !== HEADER) throw new Error(`it starts with '${cells.join(',')}', not '${HEADER}'`);
      return;
    }
    const [date, ...row] = cells;
    if (Date.parse(`${date!.replace(' ', 'T')}Z`) !== FIRST + i * HOUR) {
      throw new Error(`line ${line} has '${date}' where the next hour should be`);
    }
    times[i] = FIRST + i * HOUR;
    row.forEach((cell, c) => (values[i * columns.length + c] = numeric(cell, line)));
  });
  if (rows !== ROWS) throw new Error(`it has ${rows} rows, not ${ROWS}`);
  return {
    name: 'ETTh1',
    columns,
    times,
    values: ndarray(values, [ROWS, columns.length]),
    split: { train: 12 * MONTH, validation: 4 * MONTH, test: 4 * MONTH },
  };
}

/**
 * ETTh1: two years of an electricity transformer, hour by hour: six loads and the oil temperature OT, which is what one
 * forecasts. Kept in `<data folder>/ett/ETTh1.csv`; downloaded from its authors (2.6 MB) where it is missing.
 *
 * Zhou et al., "Informer: beyond efficient transformer for long sequence time-series forecasting", AAAI 2021;
 * CC BY-ND 4.0. `data.forecasting` makes training data of it, with the customary split of 12, 4 and 4 months.
 * @returns 17,420 rows of 7 columns in the units of the file
 * @throws CredenceError E_FILE if it cannot be had (names the address and the folder) or is damaged
 */
export async function ett(options: DownloadOptions = {}): Promise<TimeSeries> {
  const { url, onProgress, patience } = validate(schema, options, 'data.ett');
  const file = path.join(dataFolder(), 'ett', 'ETTh1.csv');
  await ensureFile({ ...REMOTE, url }, file, { onProgress, patience });
  return readDataFile(
    file,
    (content) => parse(content.toString('utf8')),
    'Delete it, and it is downloaded again',
  );
}
