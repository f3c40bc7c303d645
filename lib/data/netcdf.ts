import type { NetCDFReader, Variable } from 'netcdfjs';
import * as v from 'valibot';
import { CredenceError } from '../errors';
import { ndarray, type NdArray, type Shape, sizeOf, type TypedArray } from '../ndarray';
import { closest, validate } from '../validate';
import { bytesOf, decode, type NumberFormat } from './binary';
import { CHECK_FILE, fileError, filePath, readDataFile } from './readDataFile';

/** What a file says of itself or of a variable: units, a long name, a source. */
export type NetcdfAttributes = Readonly<Record<string, string | number | readonly number[]>>;

/** An array in a file. */
export interface NetcdfVariable {
  name: string;
  /** What each axis is. */
  dimensions: readonly string[];
  shape: Shape;
  /** How the file holds its values; 'char' is text, a byte a letter. */
  type: 'byte' | 'char' | 'short' | 'int' | 'float' | 'double';
  attributes: NetcdfAttributes;
}

/** Options of reading a variable. */
export interface NetcdfOptions {
  /**
   * Give the values that are meant: times `scale_factor`, plus `add_offset`, and NaN where they are missing (`_FillValue`,
   * `missing_value`). Default false: the numbers that are in the file.
   */
  decode?: boolean;
}

/** A netCDF file, in memory. */
export interface NetcdfFile {
  /** Their lengths. */
  dimensions: Readonly<Record<string, number>>;
  /** What the file says of itself. */
  attributes: NetcdfAttributes;
  variables: Readonly<Record<string, NetcdfVariable>>;
  /**
   * The values of a variable: as `data.npy` gives them, or if decoded a Float64Array.
   * @throws CredenceError E_OPTION if there is no such variable, E_FILE if its values are not all there
   */
  read(variable: string, options: { decode: true }): NdArray<Float64Array>;
  /** The same, as it is in the file unless decoded. */
  read(variable: string, options?: NetcdfOptions): NdArray<TypedArray>;
}

const FORMATS: Readonly<Record<NetcdfVariable['type'], NumberFormat>> = {
  byte: 'i1',
  char: 'u1',
  short: 'i2',
  int: 'i4',
  float: 'f4',
  double: 'f8',
};
const HDF5 = Buffer.from('\x89HDF', 'latin1');
const LARGE = Buffer.from('CDF\x05', 'latin1');
const CONVERT =
  "only classic netCDF (netCDF-3) is read. Convert it: 'nccopy -k classic in.nc out.nc', or with xarray in Python to_netcdf('out.nc', format='NETCDF3_64BIT')";

const schema = v.strictObject({ decode: v.optional(v.boolean('must be true or false'), false) });

/** Values of one byte are lists already; text is UTF-8 that was read byte by byte. */
function attributesOf(
  given: readonly { name: string; value: string | number | readonly number[] }[],
): NetcdfAttributes {
  return Object.fromEntries(
    given.map(({ name, value }) => {
      if (Array.isArray(value) && value.length === 1) return [name, value[0] as number];
      return [name, typeof value === 'string' ? Buffer.from(value, 'latin1').toString('utf8') : value];
    }),
  );
}

const wholeWords = (bytes: number): number => 4 * Math.ceil(bytes / 4);

/**
 * The values of a variable as they are in the file: in one piece, or, if its first axis can grow, a piece in each record, whose bytes are
 * filled up to whole words unless it is alone in it.
 */
function valuesOf(
  content: Buffer,
  { variables, recordDimension }: NetCDFReader,
  raw: Variable,
  shape: Shape,
): TypedArray {
  const format = FORMATS[raw.type as NetcdfVariable['type']];
  if (!raw.record) return decode(content.subarray(raw.offset), format, sizeOf(shape), false);
  const lengthOf = ({ name, type, size }: Variable): number =>
    name === raw.name ? sizeOf(shape.slice(1)) * bytesOf(FORMATS[type as NetcdfVariable['type']]) : size;
  const records = variables.filter(({ record }) => record);
  const step =
    records.length === 1 ? lengthOf(raw) : records.reduce((sum, each) => sum + wholeWords(lengthOf(each)), 0);
  const count = sizeOf(shape) === 0 ? 0 : recordDimension.length;
  if (raw.offset + (count - 1) * step + lengthOf(raw) > content.length) {
    throw new Error(`it ends before the last of ${count} records`);
  }
  const pieces: Buffer[] = [];
  for (let i = 0; i < count; i++) {
    const at = raw.offset + i * step;
    pieces.push(content.subarray(at, at + lengthOf(raw)));
  }
  return decode(Buffer.concat(pieces), format, sizeOf(shape), false);
}

/** @throws Error if it is no netCDF file, or damaged */
async function parse(content: Buffer, file: string): Promise<NetcdfFile> {
  if (content.subarray(0, 4).equals(HDF5))
    throw new Error(`it is netCDF-4 (HDF5), whose library is too large to bring along: ${CONVERT}`);
  if (content.subarray(0, 4).equals(LARGE)) throw new Error(`it is netCDF-5: ${CONVERT}`);
  const { NetCDFReader } = await import('netcdfjs');
  const reader = new NetCDFReader(content);
  // a file without dimensions or variables has no list of them
  const { dimensions = [], variables = [] } = reader as Partial<NetCDFReader>;
  const axes = dimensions.map(({ name, size }, i) => ({
    name,
    length: i === reader.recordDimension.id ? reader.recordDimension.length : size,
  }));
  const found = new Map<string, { raw: Variable; variable: NetcdfVariable }>();
  for (const raw of variables) {
    const used = raw.dimensions.map((id) => axes[id]);
    if (!(raw.type in FORMATS) || used.includes(undefined))
      throw new Error(`variable '${raw.name}' is damaged`);
    const variable: NetcdfVariable = {
      name: raw.name,
      dimensions: used.map((axis) => axis!.name),
      shape: used.map((axis) => axis!.length),
      type: raw.type as NetcdfVariable['type'],
      attributes: attributesOf(raw.attributes),
    };
    found.set(raw.name, { raw, variable });
  }

  function read(name: string, options: NetcdfOptions = {}): NdArray<TypedArray> {
    const wanted = validate(schema, options, 'netcdf.read');
    const { raw, variable } = found.get(name) ?? {};
    if (!raw || !variable) {
      const hint = closest(String(name), [...found.keys()]);
      throw new CredenceError(
        'E_OPTION',
        `${file} has no variable '${name}'${hint ? `: did you mean '${hint}'?` : '.'} It has ${[...found.keys()].join(', ')}`,
      );
    }
    try {
      const values = valuesOf(content, reader, raw, variable.shape);
      return ndarray(wanted.decode ? meant(values, variable.attributes) : values, variable.shape);
    } catch (cause) {
      throw fileError(
        file,
        new Error(`variable '${name}': ${(cause as Error).message}`, { cause }),
        CHECK_FILE,
      );
    }
  }

  return {
    dimensions: Object.fromEntries(axes.map(({ name, length }) => [name, length])),
    attributes: attributesOf(reader.globalAttributes),
    variables: Object.fromEntries([...found].map(([name, { variable }]) => [name, variable])),
    read: read as NetcdfFile['read'],
  };
}

/** What the numbers in the file stand for, by the conventions of climate and forecast data (CF 1.12, 2.5.1 and 8.1). */
function meant(values: TypedArray, attributes: NetcdfAttributes): Float64Array {
  const number = (name: string, otherwise: number): number => {
    const value = attributes[name];
    return typeof value === 'number' ? value : otherwise;
  };
  const [scale, offset] = [number('scale_factor', 1), number('add_offset', 0)];
  const missing = new Set([attributes['_FillValue'], attributes['missing_value']].flat());
  return Float64Array.from(values, (value) => (missing.has(value) ? NaN : value * scale + offset));
}

/**
 * Reads a netCDF file: classic and with 64-bit offsets (netCDF-3), up to 2 GB.
 * @returns what is in it, and a way to read each variable
 * @throws CredenceError E_FILE if it is missing, damaged or of another format: netCDF-4 is HDF5, and must be converted
 */
export async function netcdf(file: string): Promise<NetcdfFile> {
  return readDataFile(filePath(file, 'data.netcdf'), (content) => parse(content, file), CHECK_FILE);
}
