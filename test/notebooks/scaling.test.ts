import assert from 'node:assert/strict';
import { codeOf, itIsReady, read } from './notebook';

// it runs for minutes: npm run notebooks:paper
describe('notebooks/paper/scaling.ipynb', () => {
  const notebook = read('paper', 'scaling.ipynb');
  const code = codeOf(notebook);

  itIsReady(notebook, "fit(cnn, cifar.train, { strategy: 'samples' })");

  it('reports the augmentation experiment over at least three seeds', () => {
    const text = code.map(({ source }) => source.join('')).join('\n');
    const seeds = /SEEDS, TARGET\] = \[\d+, \d+, \[([\d, ]+)\]/.exec(text)?.[1]?.split(',') ?? [];
    assert.ok(new Set(seeds).size >= 3);
    for (const way of ["augmentation: 'shared'", 'augmentation: 4']) assert.ok(text.includes(way), way);
  });
});
