import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as data from '../../lib/data';
import { dataFolder } from '../../lib/environment';
import { closedPort } from './closedPort';
import { ownDataFolder } from './folder';
import { rejects } from './rejects';

const real = path.join(dataFolder(), 'era', 'eraint_uvz.nc');
const near = (got: number | undefined, want: number, tolerance: number): void =>
  assert.ok(Math.abs(got! - want) <= tolerance, `got ${got}, want ${want}`);

(existsSync(real) ? describe : describe.skip)(
  `data.weather on the real file${existsSync(real) ? '' : ` (skipped: ${real} is missing)`}`,
  () => {
    it('cuts the globe into windows, standardised by those to learn from', async () => {
      const { channels, target, train, test, otherMonth } = await data.weather();
      assert.deepEqual(channels, ['u at 850 hPa', 'v at 850 hPa', 'z at 850 hPa', 'sine of latitude']);
      assert.deepEqual(
        [train.x.shape, train.y.shape],
        [
          [360, 16, 16, 4],
          [360, 256],
        ],
      );
      assert.deepEqual(
        [test.x.shape, test.y.shape],
        [
          [90, 16, 16, 4],
          [90, 256],
        ],
      );
      assert.deepEqual([otherMonth.x.shape[0], otherMonth.latitudes.shape], [450, [450, 16]]);
      // by numpy: z = scipy.io.netcdf_file(path).variables['z'], unpacked, [0, 1, :240].reshape(15, 16, 30, 16)
      // without the strips 4, 9, ...; .mean() and .std() in double precision
      assert.deepEqual([target.name, target.units], ['z at 500 hPa', 'm2/s2']);
      near(target.mean, 53892.655759826936, 1e-3);
      near(target.std, 3081.4884498124816, 1e-3);
      for (let c = 0; c < 4; c++) {
        let [mean, square] = [0, 0];
        for (let i = c; i < train.x.length; i += 4) {
          mean += (4 * train.x[i]!) / train.x.length;
          square += (4 * train.x[i]! ** 2) / train.x.length;
        }
        near(mean, 0, 1e-5);
        near(square, 1, 1e-5);
      }
    });

    it('puts each value where it is on the globe', async () => {
      const { train, test, otherMonth } = await data.weather();
      // strip 4, third window from the north, row 3, column 5: 63.75 N, 128.25 W; the values by numpy, as above
      const at = (2 * 16 + 3) * 16 + 5;
      assert.deepEqual([test.latitudes[2 * 16 + 3], test.longitudes[2 * 16 + 5]], [63.75, -128.25]);
      near(test.y[at], -0.7237240169631277, 1e-5);
      near(test.x[4 * at], 0.016118590377063043, 1e-5);
      // all windows of a latitude have the same weight
      const sines = Array.from(train.latitudes, (degrees) => Math.sin((degrees * Math.PI) / 180));
      const mean = sines.reduce((sum, sine) => sum + sine / sines.length, 0);
      const std = Math.sqrt(sines.reduce((sum, sine) => sum + (sine - mean) ** 2 / sines.length, 0));
      near(test.x[4 * at + 3], (Math.sin((63.75 * Math.PI) / 180) - mean) / std, 1e-5);
      near(otherMonth.y.at(-1), -1.931219780128169, 1e-5);
    });

    it('takes other fields, month and windows', async () => {
      const { train, otherMonth, channels, target } = await data.weather({
        target: { variable: 'u', level: 200 },
        inputs: [{ variable: 'z', level: 500 }],
        month: 7,
        side: 48,
      });
      assert.deepEqual(
        [train.x.shape, otherMonth.y.shape],
        [
          [40, 48, 48, 2],
          [50, 2304],
        ],
      );
      assert.deepEqual([channels[0], target.name, target.units], ['z at 500 hPa', 'u at 200 hPa', 'm/s']);
    });

    it('refuses what makes no sense', async () => {
      const refused = (options: unknown, says: RegExp) =>
        rejects(data.weather(options as data.WeatherOptions), 'E_OPTION', says);
      await refused(
        { target: { variable: 'z', level: 850 } },
        /the target, z at 850 hPa, is among the inputs/,
      );
      await refused({ target: { variable: 't', level: 500 } }, /must be 'u', 'v' or 'z', got "t"/);
      await refused({ inputs: [] }, /'inputs' must be at least one field/);
      await refused({ month: 2 }, /'month' must be one of 1, 7, got 2/);
      await refused({ side: 97 }, /'side' must be at most 96, got 97/);
    });
  },
);

describe('data.weather without its file', () => {
  const home = ownDataFolder();

  it('says where to get it, and refuses another', async () => {
    const url = await closedPort();
    await rejects(data.weather({ url }), 'E_FILE', url, path.join(home(), 'era'), /ECONNREFUSED/);
    mkdirSync(path.join(home(), 'era'), { recursive: true });
    writeFileSync(path.join(home(), 'era', 'eraint_uvz.nc'), 'CDF');
    await rejects(data.weather(), 'E_FILE', path.join(home(), 'era', 'eraint_uvz.nc'));
  });
});
