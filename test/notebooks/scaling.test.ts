import assert from 'node:assert/strict';
import { type Cell, codeOf, problems, read } from './notebook';

// it runs for minutes: npm run notebooks:paper
describe('notebooks/paper/scaling.ipynb', function () {
  this.timeout(120_000);
  const notebook = read('paper', 'scaling.ipynb');
  const code = codeOf(notebook);

  it('is for our kernel, and has no outputs', () => {
    assert.deepEqual(notebook.metadata.kernelspec, read('quickstart.ipynb').metadata.kernelspec);
    assert.ok(code.length > 0);
    for (const { outputs, execution_count } of code)
      assert.deepEqual([outputs, execution_count], [[], null]);
  });

  it('compiles', () => {
    assert.deepEqual(problems(code), []);
    const wrong: Cell = { cell_type: 'code', source: ["fit(cnn, cifar.train, { strategy: 'samples' })"] };
    assert.notDeepEqual(problems([...code, wrong]), []);
  });

  it('reports the augmentation experiment over at least three seeds', () => {
    const text = code.map(({ source }) => source.join('')).join('\n');
    const seeds = /SEEDS, TARGET\] = \[\d+, \d+, \[([\d, ]+)\]/.exec(text)?.[1]?.split(',') ?? [];
    assert.ok(new Set(seeds).size >= 3);
    for (const way of ["augmentation: 'shared'", 'augmentation: 4']) assert.ok(text.includes(way), way);
  });
});
