import assert from 'node:assert/strict';
import { type Cell, codeOf, problems, read } from './notebook';

// it runs for minutes: npm run notebooks:paper
describe('notebooks/paper/cluster.ipynb', function () {
  this.timeout(120_000);
  const notebook = read('paper', 'cluster.ipynb');
  const code = codeOf(notebook);

  it('is for our kernel, and has no outputs', () => {
    assert.deepEqual(notebook.metadata.kernelspec, read('quickstart.ipynb').metadata.kernelspec);
    assert.ok(code.length > 0);
    for (const { outputs, execution_count } of code)
      assert.deepEqual([outputs, execution_count], [[], null]);
  });

  it('compiles', () => {
    assert.deepEqual(problems(code), []);
    const wrong: Cell = { cell_type: 'code', source: ["predictScaling({ model: here, sample: [8], batch: 32 })"] };
    assert.notDeepEqual(problems([...code, wrong]), []);
  });
});
