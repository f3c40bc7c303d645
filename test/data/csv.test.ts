import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as data from '../../lib/data';
import { rejects } from './rejects';

const FRUIT = 'weight,colour,ripe,price\n1.5,red,0,2\n2,green,1,3\n3,red,1,4\n';

describe('data.csv', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'credence-csv-'));
  const file = path.join(folder, 'fruit.csv');
  after(() => rmSync(folder, { recursive: true }));

  it('makes inputs and the target of the columns', async () => {
    const { x, y, names, categories, dropped } = await data.csv('a,b,c\n1,2,3\n4,5,6\n');
    assert.deepEqual(
      [x.shape, [...x]],
      [
        [2, 2],
        [1, 2, 4, 5],
      ],
    );
    assert.deepEqual(
      [y.shape, [...y]],
      [
        [2, 1],
        [3, 6],
      ],
    );
    assert.deepEqual([names, categories, dropped], [{ x: ['a', 'b'], y: ['c'] }, {}, 0]);
    assert.ok(x instanceof Float32Array && y instanceof Float32Array);
  });

  it('takes columns by their names, and several targets', async () => {
    const { x, y, names } = await data.csv('a,b,c\n1,2,3\n4,5,6\n', { inputs: ['c'], target: ['b', 'a'] });
    assert.deepEqual(
      [x.shape, [...x]],
      [
        [2, 1],
        [3, 6],
      ],
    );
    assert.deepEqual(
      [y.shape, [...y]],
      [
        [2, 2],
        [2, 1, 5, 4],
      ],
    );
    assert.deepEqual(names, { x: ['c'], y: ['b', 'a'] });
  });

  it('makes a feature of each category, or one of their codes', async () => {
    const hot = await data.csv(FRUIT, { categorical: ['colour'] });
    assert.deepEqual(hot.names.x, ['weight', 'colour=green', 'colour=red', 'ripe']);
    assert.deepEqual([...hot.x], [1.5, 0, 1, 0, 2, 1, 0, 1, 3, 0, 1, 1]);
    assert.deepEqual(hot.categories, { colour: ['green', 'red'] });
    const coded = await data.csv(FRUIT, { categorical: ['colour'], encoding: 'codes', inputs: ['colour'] });
    assert.deepEqual([coded.names.x, [...coded.x]], [['colour'], [1, 0, 1]]);
  });

  it('makes class numbers of a target of categories', async () => {
    const { y, categories } = await data.csv(FRUIT, { target: 'colour', categorical: ['colour'] });
    assert.ok(y instanceof Int32Array);
    assert.deepEqual([y.shape, [...y], categories], [[3], [1, 0, 1], { colour: ['green', 'red'] }]);
    // numbers are in the order of numbers
    const digits = await data.csv('x,digit\n1,10\n1,9\n1,2\n', { categorical: ['digit'] });
    assert.deepEqual(
      [digits.categories['digit'], [...digits.y]],
      [
        ['2', '9', '10'],
        [2, 1, 0],
      ],
    );
  });

  it('takes the categories of one file for another', async () => {
    const train = await data.csv(FRUIT, { categorical: ['colour'] });
    const test = await data.csv('weight,colour,ripe,price\n1,green,1,1\n', { categorical: train.categories });
    assert.deepEqual([test.names, [...test.x]], [train.names, [1, 1, 0, 1]]);
    await rejects(
      data.csv('weight,colour,ripe,price\n1,blue,1,1\n', { categorical: train.categories }),
      'E_DATA',
      /the text, line 2: column 'colour' has 'blue', which is none of green, red/,
    );
  });

  it('reads files: quotation marks, line breaks, byte order marks, any line ends', async () => {
    writeFileSync(file, '\ufeff"a","b, and ""c""",d\r\n1,2,3\r\n\r\n4,5,6');
    const { names, x } = await data.csv(file);
    assert.deepEqual(
      [names.x, [...x]],
      [
        ['a', 'b, and "c"'],
        [1, 2, 4, 5],
      ],
    );
    assert.deepEqual((await data.csv('\ufeffa;b\n1;2\n', { delimiter: ';' })).names, { x: ['a'], y: ['b'] });
    const broken = await data.csv('a,b\n"x\ny",1\nz,2\n', { categorical: ['a'] });
    assert.deepEqual(broken.categories['a'], ['x\ny', 'z']);
    const headless = await data.csv('1,2\n3,4\n', { columns: ['p', 'q'] });
    assert.deepEqual([headless.names, [...headless.x]], [{ x: ['p'], y: ['q'] }, [1, 3]]);
  });

  it('reads a file that comes in many pieces, letters of several bytes among them', async () => {
    const n = 30_000;
    writeFileSync(file, `größe,y\n${Array.from({ length: n }, (_, i) => `${i / 4},ü${i % 7}`).join('\n')}`);
    const { x, y, names, categories } = await data.csv(file, { categorical: ['y'] });
    assert.deepEqual([names.x, categories['y']?.length], [['größe'], 7]);
    assert.ok(x.length === n && x.every((value, i) => value === i / 4));
    assert.ok(y.every((label, i) => label === i % 7));
  });

  it('refuses rows without a value, or leaves them out', async () => {
    for (const none of ['', ' ', 'NA', 'NaN', 'null', '?']) {
      const text = `a,b\n1,2\n${none},3\n4,5\n`;
      await rejects(data.csv(text), 'E_DATA', /line 3: column 'a' has no value.*missing: 'drop'/);
      const { x, y, dropped } = await data.csv(text, { missing: 'drop' });
      assert.deepEqual([[...x], [...y], dropped], [[1, 4], [2, 5], 1]);
    }
    const text = 'a,b,c\n1,red,\n2,,3\n3,blue,4\n';
    const { x, dropped } = await data.csv(text, { categorical: ['b'], missing: 'drop' });
    assert.deepEqual([[...x], dropped], [[3, 1, 0], 2]);
    const unused = await data.csv(text, { inputs: ['a'], target: 'c', missing: 'drop' });
    assert.deepEqual([[...unused.x], unused.dropped], [[2, 3], 1]);
    await rejects(
      data.csv('a,b\n,1\n', { missing: 'drop' }),
      'E_DATA',
      /no row to learn from: .* each of its 1/,
    );
    await rejects(data.csv('a,b\n'), 'E_DATA', /the text has no row to learn from$/);
  });

  it('says where something is that is no number', async () => {
    writeFileSync(file, 'a,b\n1,2\n"x\ny",3\n');
    await rejects(data.csv(file), 'E_DATA', /fruit\.csv, line 3: column 'a' has 'x\ny' where a number/);
    writeFileSync(file, 'a,b,c\n1,2,"3\n"\n4,oops,6\n');
    await rejects(
      data.csv(file, { categorical: ['c'] }),
      'E_DATA',
      /fruit\.csv, line 4: column 'b' has 'oops' where a number .* option 'categorical'/,
    );
    await rejects(
      data.csv('a,b\n1,1e300\n'),
      'E_DATA',
      /line 2: column 'b' has '1e300' where a number in single/,
    );
    await rejects(data.csv('a,b\n1,Infinity\n'), 'E_DATA', /'Infinity'/);
  });

  it('refuses what is no table, naming the file and the line', async () => {
    writeFileSync(file, 'a,b\n1,2\n3\n');
    await rejects(data.csv(file), 'E_FILE', file, /line 3 has 1 cells, not 2/);
    writeFileSync(file, 'a,b\n1,2\n3,"4\n');
    await rejects(data.csv(file), 'E_FILE', file, /line 3: Quoted field unterminated/);
    writeFileSync(file, '');
    await rejects(data.csv(file), 'E_FILE', file, /it is empty/);
    await rejects(data.csv(path.join(folder, 'none.csv')), 'E_FILE', /none\.csv cannot be used: ENOENT/);
    await rejects(data.csv(folder), 'E_FILE', /EISDIR/);
    await rejects(data.csv('a,a\n1,2\n'), 'E_DATA', /the text has two columns 'a'/);
    await rejects(data.csv('1,2,3\n', { columns: ['p', 'q'] }), 'E_FILE', /3 cells, but .* 2 names/);
  });

  it('refuses columns that are not there, or chosen twice', async () => {
    const refused = (options: unknown, says: RegExp) =>
      rejects(data.csv(FRUIT, options as data.CsvOptions), 'E_OPTION', says);
    await refused(
      { target: 'prise' },
      /'target' must name columns of the text, got 'prise'. Did you mean 'price'\?/,
    );
    await refused({ inputs: ['a'] }, /'inputs' .* Columns: weight, colour, ripe, price/);
    await refused({ categorical: ['x'] }, /'categorical' must name columns/);
    await refused({ inputs: ['price'] }, /column 'price' is chosen twice/);
    await refused({ target: ['colour', 'price'], categorical: ['colour'] }, /must be the only one/);
    await refused({ target: ['weight', 'colour', 'ripe', 'price'] }, /no column of the text is left/);
    await refused({ missing: 'skip' }, /'missing' must be 'refuse' or 'drop'/);
    await refused({ delimiter: ', ' }, /'delimiter' must be one letter/);
    await refused({ header: true }, /unknown option 'header'/);
    await rejects(data.csv(''), 'E_OPTION', /must be the path of a file, or text/);
  });
});
