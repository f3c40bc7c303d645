import path from 'node:path';
import * as v from 'valibot';
import { dataFolder } from '../environment';
import { CredenceError } from '../errors';
import { ndarray, type NdArray } from '../ndarray';
import { count, validate } from '../validate';
import type { Dataset } from './dataset';
import { downloadEntries, type DownloadOptions, ensureFile } from './download';
import { type NetcdfFile, netcdf } from './netcdf';
import { standardization, standardize } from './standardization';

const REMOTE = {
  url: 'https://raw.githubusercontent.com/pydata/xarray-data/master/eraint_uvz.nc',
  bytes: 4_168_980,
  sha256: '8f4cd0f75418a8e8f8f957c3b007f49e68a58d1bdd0e028adeeb057889f635d2',
};
const MONTHS = [1, 7] as const;
const LEVELS = [200, 500, 850] as const;
const ROWS = 241;
const COLUMNS = 480;
/** Of so many strips of windows from pole to pole, one is held out. */
const HELD_OUT = 5;

/** Of the air: its speed to the east, to the north (m/s), or the geopotential (m2/s2), the height of the pressure level times gravity. */
export interface WeatherField {
  variable: 'u' | 'v' | 'z';
  /** Pressure in hPa: 850 is near the ground, 200 at 12 km. */
  level: 200 | 500 | 850;
}

/** Options of `data.weather`. */
export interface WeatherOptions extends DownloadOptions {
  /** What to predict (default: z at 500 hPa). */
  target?: WeatherField;
  /** What to predict it from (default: u, v and z at 850 hPa). */
  inputs?: readonly WeatherField[];
  /** The month to learn from: 1 (default) or 7. */
  month?: 1 | 7;
  /** The side of a window in points of the grid, which are 0.75 degrees apart (default 16). */
  side?: number;
}

/** Windows of the grid, north up, and where they are. */
export interface WeatherWindows extends Dataset<Float32Array> {
  /** Degrees north of each row [N, side]. */
  readonly latitudes: NdArray<Float32Array>;
  /** Degrees east of each column [N, side]. */
  readonly longitudes: NdArray<Float32Array>;
}

/** Fields of the weather on a grid, ready for convolutions. */
export interface WeatherData {
  name: string;
  side: number;
  /** The channels of x: the inputs, and the sine of the latitude, by which winds and pressure hang together. */
  channels: readonly string[];
  /** x [N, side, side, channels] and y [N, side * side], row by row, standardised by those to learn from. */
  train: WeatherWindows;
  /** Strips from pole to pole, in the same month, that are not among those to learn from. */
  test: WeatherWindows;
  /** All windows of the other month: another season, on which a good model is less sure. */
  otherMonth: WeatherWindows;
  /** A standardised value z stands for mean + std z. */
  target: { name: string; units: string; mean: number; std: number };
}

const field = v.strictObject({
  variable: v.picklist(['u', 'v', 'z'], "must be 'u', 'v' or 'z'"),
  level: v.picklist(LEVELS, `must be one of ${LEVELS.join(', ')}`),
});
const schema = v.strictObject({
  target: v.optional(field, { variable: 'z', level: 500 }),
  inputs: v.optional(v.pipe(v.array(field), v.minLength(1, 'must be at least one field')), [
    { variable: 'u', level: 850 },
    { variable: 'v', level: 850 },
    { variable: 'z', level: 850 },
  ]),
  month: v.optional(v.picklist(MONTHS, `must be one of ${MONTHS.join(', ')}`), 1),
  side: v.optional(
    v.pipe(count(1), v.maxValue(COLUMNS / HELD_OUT, `must be at most ${COLUMNS / HELD_OUT}`)),
    16,
  ),
  ...downloadEntries(REMOTE.url),
});

const nameOf = ({ variable, level }: WeatherField): string => `${variable} at ${level} hPa`;

/** Gives each field in each month, over the whole grid. */
function fieldsOf(file: NetcdfFile): (month: 1 | 7, field: WeatherField) => Float64Array {
  const size = ROWS * COLUMNS;
  const decoded = new Map<string, Float64Array>();
  return (month, { variable, level }) => {
    const values = decoded.get(variable) ?? file.read(variable, { decode: true });
    decoded.set(variable, values);
    const first = MONTHS.indexOf(month) * LEVELS.length + LEVELS.indexOf(level);
    return values.subarray(first * size, (first + 1) * size);
  };
}

/**
 * Weather as a problem of images: a map of one field from maps of others, in windows of the globe. The fields are monthly means of the
 * ERA-Interim reanalysis (ECMWF; Dee et al. 2011) for January and July, on a grid of 0.75 degrees. This is small: two maps, cut into
 * windows that do not overlap; those held out lie between those to learn from, so their error is that of filling gaps in one map, not of
 * a forecast. Kept in `<data folder>/era/eraint_uvz.nc`; downloaded from the example files of xarray (4 MB) where it is missing.
 * @throws CredenceError E_OPTION; E_FILE if it cannot be had (names the address and the folder) or is damaged
 */
export async function weather(options: WeatherOptions = {}): Promise<WeatherData> {
  const { target, inputs, month, side, url, onProgress, patience } = validate(
    schema,
    options,
    'data.weather',
  );
  if (inputs.some((each) => nameOf(each) === nameOf(target))) {
    throw new CredenceError('E_OPTION', `data.weather: the target, ${nameOf(target)}, is among the inputs`);
  }
  const place = path.join(dataFolder(), 'era', 'eraint_uvz.nc');
  await ensureFile({ ...REMOTE, url }, place, { onProgress, patience });
  const file = await netcdf(place);
  const shape = file.variables[target.variable]?.shape.join();
  if (shape !== [MONTHS.length, LEVELS.length, ROWS, COLUMNS].join()) {
    throw new CredenceError('E_FILE', `${place} is another file. Delete it, and it is downloaded again`);
  }
  const [latitude, longitude] = [file.read('latitude'), file.read('longitude')];

  const fieldOf = fieldsOf(file);

  /** The windows of a month whose strip is chosen, in the units of the file. */
  function windows(from: 1 | 7, isChosen: (strip: number) => boolean): WeatherWindows {
    const maps = inputs.map((each) => fieldOf(from, each));
    const wanted = fieldOf(from, target);
    const strips = Array.from({ length: Math.floor(COLUMNS / side) }, (_, i) => i).filter(isChosen);
    const down = Math.floor(ROWS / side);
    const n = strips.length * down;
    const channels = maps.length + 1;
    const x = new Float32Array(n * side * side * channels);
    const y = new Float32Array(n * side * side);
    const latitudes = new Float32Array(n * side);
    const longitudes = new Float32Array(n * side);
    strips.forEach((strip, s) => {
      for (let d = 0; d < down; d++) {
        const window = s * down + d;
        for (let i = 0; i < side; i++) {
          latitudes[window * side + i] = latitude[d * side + i]!;
          longitudes[window * side + i] = longitude[strip * side + i]!;
          for (let j = 0; j < side; j++) {
            const from = (d * side + i) * COLUMNS + strip * side + j;
            const to = (window * side + i) * side + j;
            maps.forEach((map, c) => (x[to * channels + c] = map[from]!));
            x[to * channels + maps.length] = Math.sin((latitude[d * side + i]! * Math.PI) / 180);
            y[to] = wanted[from]!;
          }
        }
      }
    });
    return {
      x: ndarray(x, [n, side, side, channels]),
      y: ndarray(y, [n, side * side]),
      latitudes: ndarray(latitudes, [n, side]),
      longitudes: ndarray(longitudes, [n, side]),
    };
  }

  const isHeldOut = (strip: number): boolean => strip % HELD_OUT === HELD_OUT - 1;
  const train = windows(month, (strip) => !isHeldOut(strip));
  const inputMoments = standardization(train.x);
  const flat = ndarray(train.y.subarray(0), [train.y.length, 1]);
  const { mean, std } = standardization(flat);
  const standard = (part: WeatherWindows): WeatherWindows => ({
    ...part,
    x: standardize(part.x, inputMoments),
    y: ndarray(
      Float32Array.from(part.y, (value) => (value - mean[0]!) / std[0]!),
      part.y.shape,
    ),
  });
  return {
    name: 'ERA-Interim',
    side,
    channels: [...inputs.map(nameOf), 'sine of latitude'],
    train: standard(train),
    test: standard(windows(month, isHeldOut)),
    otherMonth: standard(
      windows(
        MONTHS.find((other) => other !== month)!,
        () => true,
      ),
    ),
    target: {
      name: nameOf(target),
      units: target.variable === 'z' ? 'm2/s2' : 'm/s',
      mean: mean[0]!,
      std: std[0]!,
    },
  };
}
