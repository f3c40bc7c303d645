import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as data from '../../lib/data';
import { dataFolder } from '../../lib/environment';
import type { CredenceError } from '../../lib/errors';
import { closedPort } from './closedPort';

const real = path.join(dataFolder(), 'ett', 'ETTh1.csv');

/** Points CREDENCE_DATA to an empty folder for the tests of a suite. */
function withEmptyFolder(): { folder: string; file: string } {
  const folder = path.join(tmpdir(), `credence-ett-${randomUUID()}`);
  const previous = process.env['CREDENCE_DATA'];
  beforeEach(() => (process.env['CREDENCE_DATA'] = folder));
  afterEach(() => {
    if (previous === undefined) delete process.env['CREDENCE_DATA'];
    else process.env['CREDENCE_DATA'] = previous;
    rmSync(path.join(folder, 'ett'), { recursive: true, force: true });
  });
  before(() => mkdirSync(folder));
  after(() => rmSync(folder, { recursive: true }));
  return { folder, file: path.join(folder, 'ett', 'ETTh1.csv') };
}

const failsWith = (call: Promise<unknown>, ...says: (string | RegExp)[]): Promise<void> =>
  assert.rejects(call, (error: CredenceError) => {
    assert.equal(error.code, 'E_FILE', error.message);
    for (const each of says) {
      if (typeof each === 'string') assert.ok(error.message.includes(each), `${each} in: ${error.message}`);
      else assert.match(error.message, each);
    }
    return true;
  });

/** Runs a suite only where the real file is, and says so where it is not. */
const describeReal = (title: string, suite: () => void): void => {
  if (existsSync(real)) describe(title, suite);
  else describe.skip(`${title} (skipped: ${real} is missing, CREDENCE_DATA names its folder)`, suite);
};

describeReal('data.ett on the real file', () => {
  it('reads every row of every column', async () => {
    const { name, columns, times, values } = await data.ett();
    assert.equal(name, 'ETTh1');
    assert.deepEqual(columns, ['HUFL', 'HULL', 'MUFL', 'MULL', 'LUFL', 'LULL', 'OT']);
    assert.deepEqual(values.shape, [17420, 7]);
    assert.equal(new Date(times[0]!).toISOString(), '2016-07-01T00:00:00.000Z');
    assert.equal(new Date(times.at(-1)!).toISOString(), '2018-06-26T19:00:00.000Z');
    assert.deepEqual([values[0], values[6], values.at(-1)], [5.827, 30.531, 9.567].map(Math.fround));
  });

  it('makes windows of it, standardised and split by time', async () => {
    const series = await data.ett();
    const { train, validation, test, target } = data.forecasting(series, { history: 24, horizon: 3 });
    assert.deepEqual(
      [train.x.shape, train.y.shape],
      [
        [8640 - 24 - 2, 168],
        [8640 - 24 - 2, 3],
      ],
    );
    assert.deepEqual([validation.x.shape[0], test.x.shape[0]], [2878, 2878]);
    // mean and standard deviation of OT[:8640] by numpy
    assert.equal(target.name, 'OT');
    assert.ok(
      Math.abs(target.mean - 17.1282616982271) < 1e-9 && Math.abs(target.std - 9.176491024944333) < 1e-9,
      JSON.stringify(target),
    );
    // a target, put back to its units, is the measurement at its time
    const back = (z: number) => target.mean + target.std * z;
    for (const [part, first] of [
      [train, 24],
      [validation, 8640],
      [test, 11520],
    ] as const) {
      assert.equal(part.times[0], series.times[first]);
      assert.ok(Math.abs(back(part.y[2]!) - series.values[(first + 2) * 7 + 6]!) < 1e-4);
      // the newest row of the history is the hour before
      assert.ok(Math.abs(back(part.x[167]!) - series.values[(first - 1) * 7 + 6]!) < 1e-4);
    }
    const mean = train.x.reduce((sum, value) => sum + value, 0) / train.x.length;
    assert.ok(Math.abs(mean) < 0.01, `training inputs have mean ${mean}`);
  });

  it('forecasts any column, at any stride', async () => {
    const series = await data.ett();
    const all = data.forecasting(series, { target: 'HUFL', history: 2 });
    const some = data.forecasting(series, { target: 'HUFL', history: 2, stride: 24 });
    assert.deepEqual(all.train.x.shape, [8638, 14]);
    assert.equal(some.test.y.shape[0], 120);
    assert.deepEqual(some.test.y[1], all.test.y[24]);
    assert.equal(some.target.name, 'HUFL');
  });

  it('refuses options that make no sense', async () => {
    const series = await data.ett();
    const refuses = (options: data.ForecastingOptions, says: RegExp) =>
      assert.throws(
        () => data.forecasting(series, options),
        (error: CredenceError) => error.code === 'E_OPTION' && says.test(error.message),
      );
    refuses({ target: 'oil' }, /'target' must be one of HUFL, .*, OT, got "oil"/);
    refuses({ history: 0 }, /'history'.*got 0/);
    refuses({ horizon: 9000 }, /no window of 24 \+ 9000 rows fits/);
    refuses({ window: 3 } as never, /unknown option 'window'/);
  });

  describe('served by a mirror', () => {
    const { file } = withEmptyFolder();
    const server = createServer((_, response) => response.end(content));
    let content: Buffer;
    let url: string;
    before((done) => {
      server.listen(0, '127.0.0.1', () => {
        url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ETTh1.csv`;
        done();
      });
    });
    after((done) => {
      server.closeAllConnections();
      server.close(done);
    });

    it('is downloaded once', async () => {
      content = readFileSync(real);
      let told = 0;
      const { values } = await data.ett({ url, onProgress: (received) => (told = received) });
      assert.equal(values.length, 17420 * 7);
      assert.equal(told, content.length);
      content = Buffer.from('gone');
      assert.deepEqual((await data.ett({ url })).values, values);
    });

    it('is not kept if truncated or corrupt', async () => {
      content = readFileSync(real).subarray(0, -1);
      await failsWith(data.ett({ url }), url, path.dirname(file), /bytes instead of 2589657/);
      content = readFileSync(real).fill('7', 5000, 5001);
      await failsWith(data.ett({ url }), url, path.dirname(file), /checksum is wrong/);
      assert.deepEqual(readdirSync(path.dirname(file)), []);
    });
  });

  describe('damaged on disk', () => {
    const { file } = withEmptyFolder();
    const damages: readonly (readonly [what: string, change: (text: string) => string, says: RegExp])[] = [
      ['another header', (text) => text.replace('OT', 'TO'), /it starts with 'date,.*TO', not/],
      ['missing rows', (text) => text.slice(0, text.lastIndexOf('\n2018')), /17419 rows, not 17420/],
      ['half a row', (text) => text.slice(0, -60), /line 17421 has \d cells, not 8/],
      ['a hole', (text) => text.replace(/,30.5310\d+/, ','), /line 2 has '' where a number should be/],
      ['a word', (text) => text.replace('27.78700065612793', 'oil'), /line 3 has 'oil' where a number/],
      ['a lost hour', (text) => text.replace('2016-07-01 01:', '2016-07-01 02:'), /line 3 has '.*next hour/],
      ['nothing', () => '', /it is empty/],
    ];
    for (const [what, change, says] of damages) {
      it(`refuses a file with ${what}, naming it and the remedy`, async () => {
        mkdirSync(path.dirname(file), { recursive: true });
        writeFileSync(file, change(readFileSync(real, 'utf8')));
        await failsWith(data.ett(), file, says, /Delete it/);
      });
    }

    it('takes the line ends of Windows', async () => {
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, readFileSync(real, 'utf8').replaceAll('\n', '\r\n'));
      assert.equal((await data.ett()).values.length, 17420 * 7);
    });
  });
});

describe('data.ett without the file', () => {
  const { folder } = withEmptyFolder();

  it('says where to get it and where to put it when offline', async () => {
    const url = `${await closedPort()}/ETTh1.csv`;
    await failsWith(data.ett({ url }), url, path.join(folder, 'ett'), /ECONNREFUSED/);
    assert.deepEqual(readdirSync(path.join(folder, 'ett')), []);
  });

  it('refuses options that are none', async () => {
    for (const options of [{ url: 'nowhere' }, { patience: 0 }, { onProgress: 3 }, { link: '' }]) {
      await assert.rejects(data.ett(options as never), (error: CredenceError) => error.code === 'E_OPTION');
    }
  });
});
