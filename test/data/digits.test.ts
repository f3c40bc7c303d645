import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import * as data from '../../lib/data';
import { pythonPackage } from '../../lib/environment';
import type { CredenceError } from '../../lib/errors';

/** Why the real file cannot be tested, if so. */
function obstacle(): string | undefined {
  try {
    pythonPackage('sklearn');
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const missing = obstacle();

(missing === undefined ? describe : describe.skip)(
  `data.digits${missing ? ` (skipped: ${missing})` : ''}`,
  () => {
    it('reads the 1,797 images of scikit-learn', async () => {
      const { name, classes, train, test } = await data.digits();
      assert.deepEqual([name, classes], ['digits', 10]);
      assert.deepEqual(train.x.shape, [1438, 8, 8, 1]);
      assert.deepEqual(test.x.shape, [359, 8, 8, 1]);
      assert.deepEqual([train.y.shape, test.y.shape], [[1438], [359]]);
      const pixels = [...train.x, ...test.x];
      assert.ok(pixels.every((pixel) => pixel >= 0 && pixel <= 1));
      // sklearn.datasets.load_digits().images.sum() is 561718
      assert.equal(
        pixels.reduce((sum, pixel) => sum + 16 * pixel, 0),
        561718,
      );
    });

    it('has every class in the test set by its share, and the same split each time', async () => {
      const first = await data.digits();
      // numpy.bincount(load_digits().target)
      const population = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180];
      population.forEach((total, digit) => {
        const [train, test] = [first.train, first.test].map(
          ({ y }) => y.filter((label) => label === digit).length,
        );
        assert.equal(train! + test!, total);
        assert.equal(test, Math.round(total / 5));
      });
      const second = await data.digits();
      assert.deepEqual(second.test.y, first.test.y);
      assert.deepEqual(second.test.x, first.test.x);
    });
  },
);

describe('data.digits without its file', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'credence-digits-'));
  const python = process.env['CREDENCE_PYTHON'];
  after(() => {
    rmSync(folder, { recursive: true });
    if (python === undefined) delete process.env['CREDENCE_PYTHON'];
    else process.env['CREDENCE_PYTHON'] = python;
  });

  /** A stand-in for Python that says where a package is: nowhere for ''. */
  function pretendPython(name: string, answer: string): void {
    const program = path.join(folder, name);
    writeFileSync(program, `#!/bin/sh\necho '${answer}'\n`, { mode: 0o755 });
    process.env['CREDENCE_PYTHON'] = program;
  }

  it('says that scikit-learn is missing and how to get it', async () => {
    pretendPython('no-sklearn', '');
    await assert.rejects(data.digits(), (error: CredenceError) => {
      assert.equal(error.code, 'E_LIBRARY');
      assert.match(error.message, /'sklearn' is not installed.*pip install/);
      return true;
    });
  });

  it('says so when the file is missing or damaged', async () => {
    const home = path.join(folder, 'sklearn', 'datasets', 'data');
    const file = path.join(home, 'digits.csv.gz');
    pretendPython('python', path.join(folder, 'sklearn'));
    const says = (pattern: RegExp) =>
      assert.rejects(data.digits(), (error: CredenceError) => {
        assert.equal(error.code, 'E_FILE');
        assert.ok(error.message.includes(file), error.message);
        assert.match(error.message, pattern);
        assert.match(error.message, /Install scikit-learn anew/);
        return true;
      });
    await says(/no such file/);
    mkdirSync(home, { recursive: true });
    const image = `${Array(64).fill(3).join(',')},5\n`;
    writeFileSync(file, 'not gzip');
    await says(/incorrect header check/);
    writeFileSync(file, gzipSync(image.repeat(1797)).subarray(0, 60));
    await says(/unexpected end of file/);
    writeFileSync(file, gzipSync(''));
    await says(/it is empty/);
    writeFileSync(file, gzipSync(image.repeat(10)));
    await says(/it has 10 lines, not 1797/);
    writeFileSync(file, gzipSync(image.repeat(1796) + image.replace('3', 'x')));
    await says(/line 1797 has 'x' where a number should be/);
    writeFileSync(file, gzipSync(image.repeat(1796) + image.replace('3', '17')));
    await says(/line 1797 is not an image/);
    writeFileSync(file, gzipSync(image.repeat(1796) + image.replace(',5', '')));
    await says(/line 1797 has 64 cells, not 65/);
  });
});
