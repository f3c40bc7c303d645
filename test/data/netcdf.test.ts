import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as data from '../../lib/data';
import { dataFolder } from '../../lib/environment';
import { CredenceError } from '../../lib/errors';
import { refuses } from '../refuses';
import { goldenFile } from './folder';
import { rejects } from './rejects';

const real = path.join(dataFolder(), 'era', 'eraint_uvz.nc');

describe('data.netcdf', () => {
  it('tells what is in a file that the netCDF library has written', async () => {
    const file = await data.netcdf(goldenFile('records.nc'));
    assert.deepEqual(file.dimensions, { time: 4, x: 3 });
    assert.deepEqual(file.attributes, { title: 'Grüße' });
    assert.deepEqual(file.variables['packed'], {
      name: 'packed',
      dimensions: ['time', 'x'],
      shape: [4, 3],
      type: 'short',
      attributes: { _FillValue: -999, scale_factor: 0.5, add_offset: 10, valid_range: [-100, 100] },
    });
    assert.deepEqual(file.variables['time']?.attributes, { units: 'days since 2000-01-01' });
  });

  it('reads each type, in records and without', async () => {
    const { read } = await data.netcdf(goldenFile('records.nc'));
    assert.deepEqual([...read('time')], [1.5, 2.5, 3.5, 4.5]);
    const packed = read('packed');
    assert.deepEqual(
      [packed.shape, [...packed]],
      [
        [4, 3],
        [0, 1, 2, 3, 4, 5, 6, -999, 8, 9, 10, 11],
      ],
    );
    assert.deepEqual([...read('byte')], [-1, 0, 1]);
    assert.deepEqual([...read('short')], [7, 8, 9]);
    assert.equal(Buffer.from(read('letters')).toString(), 'abc');
    assert.deepEqual([read('scalar').shape, read('scalar')[0]], [[], 42]);
    const alone = await data.netcdf(goldenFile('alone.nc'));
    assert.deepEqual([...alone.read('short')], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  it('gives the values that are meant, NaN where there are none', async () => {
    const { read } = await data.netcdf(goldenFile('records.nc'));
    const values = read('packed', { decode: true });
    assert.ok(values instanceof Float64Array);
    assert.deepEqual([...values], [10, 10.5, 11, 11.5, 12, 12.5, 13, NaN, 14, 14.5, 15, 15.5]);
    assert.deepEqual([...read('short', { decode: true })], [7, 8, 9]);
  });

  it('says what there is when asked for something else', async () => {
    const { read } = await data.netcdf(goldenFile('records.nc'));
    refuses(
      () => read('pcked'),
      'E_OPTION',
      /no variable 'pcked': did you mean 'packed'\? It has time, packed/,
    );
    refuses(() => read('packed', { scaled: true } as never), 'E_OPTION', /unknown option 'scaled'/);
  });

  it('says how to convert netCDF-4', async () => {
    const file = goldenFile('hdf5.nc');
    await rejects(
      data.netcdf(file),
      'E_FILE',
      file,
      /netCDF-4 \(HDF5\), .*: only classic .* 'nccopy -k classic/,
    );
  });

  describe('of a damaged file', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'credence-netcdf-'));
    const file = path.join(folder, 'damaged.nc');
    after(() => rmSync(folder, { recursive: true }));
    /** Opens it and reads all. */
    const readAll = async (content: Buffer): Promise<void> => {
      writeFileSync(file, content);
      const { variables, read } = await data.netcdf(file);
      for (const name of Object.keys(variables)) read(name);
    };

    it('refuses any that is cut off', async () => {
      for (const name of ['records.nc', 'alone.nc']) {
        const whole = readFileSync(goldenFile(name));
        await readAll(whole);
        // the last values may be followed by bytes that fill up a word
        for (let length = 0; length < whole.length - 4; length += 3) {
          await rejects(readAll(whole.subarray(0, length)), 'E_FILE', file);
        }
      }
    });

    it('never fails but by a CredenceError, and soon', async () => {
      const whole = readFileSync(goldenFile('records.nc'));
      for (let at = 0; at < whole.length; at++) {
        const content = Buffer.from(whole);
        content[at] = content[at]! ^ 0xff;
        await readAll(content).catch((error: unknown) => {
          assert.ok(error instanceof CredenceError, `byte ${at}: ${String(error)}`);
        });
      }
    });
  });
});

(existsSync(real) ? describe : describe.skip)(
  `data.netcdf on the real file${existsSync(real) ? '' : ` (skipped: ${real} is missing)`}`,
  () => {
    it('reads the same as scipy', async () => {
      const { dimensions, read, variables } = await data.netcdf(real);
      assert.deepEqual(dimensions, { longitude: 480, latitude: 241, level: 3, month: 2 });
      assert.deepEqual([...read('level')], [200, 500, 850]);
      assert.deepEqual([...read('latitude').slice(0, 3)], [90, 89.25, 88.5]);
      assert.deepEqual(variables['z']?.dimensions, ['month', 'level', 'latitude', 'longitude']);
      const z = read('z', { decode: true });
      // f = scipy.io.netcdf_file(path); z = f.variables['z']; d = z[:] * z.scale_factor + z.add_offset
      // d.mean(), d[0, 1, 100, 200], d[1, 2, 240, 479]
      const mean = z.reduce((sum, value) => sum + value / z.length, 0);
      const at = (m: number, l: number, i: number, j: number): number =>
        z[((m * 3 + l) * 241 + i) * 480 + j]!;
      for (const [got, want] of [
        [mean, 61179.390464444776],
        [at(0, 1, 100, 200), 57227.44717084783],
        [at(1, 2, 240, 479), 11776.423457242265],
      ] as const) {
        assert.ok(Math.abs(got - want) < 1e-6, `got ${got}, want ${want}`);
      }
    });
  },
);
