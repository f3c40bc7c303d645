import assert from 'node:assert/strict';
import Papa from 'papaparse';
import { figureCsv } from '../../lib/figures/csv';
import type { Figure } from '../../lib/figures/wire/messages';
import { allFigures } from './examples';

const figure: Figure = {
  title: 't',
  description: 'd',
  data: [
    { type: 'scatter', mode: 'lines', name: 'a, "b"\nc', x: [1, 2.5, 3], y: [-1e-7, null, 3] },
    { type: 'bar', x: ['=SUM(A1)', '-x'], y: [1, 2] },
  ],
  layout: {},
};

const parsed = (csv: string): string[][] => Papa.parse<string[]>(csv, { skipEmptyLines: true }).data;

describe('figureCsv', () => {
  it('quotes what must be, and writes no formula', () => {
    assert.equal(
      figureCsv(figure),
      'trace,x,y\r\n' +
        '"a, ""b""\nc",1,-1e-7\r\n"a, ""b""\nc",2.5,\r\n"a, ""b""\nc",3,3\r\n' +
        ",'=SUM(A1),1\r\n,'-x,2\r\n",
    );
  });

  it('is read back as it was by another program', () => {
    const [heading, ...rows] = parsed(figureCsv(figure));
    assert.deepEqual(heading, ['trace', 'x', 'y']);
    assert.deepEqual(rows[0], ['a, "b"\nc', '1', '-1e-7']);
    for (const each of allFigures()) {
      const points = each.data.reduce((sum, { x }) => sum + x.length, 0);
      assert.equal(parsed(figureCsv(each)).length, points + 1, each.title);
    }
  });

  it('writes dates as dates', () => {
    const dates: Figure = {
      ...figure,
      data: [{ type: 'bar', name: 'a', x: [0], y: [1] }],
      layout: { xaxis: { type: 'date' } },
    };
    assert.match(figureCsv(dates), /^a,1970-01-01T00:00:00\.000Z,1\r$/m);
  });
});
