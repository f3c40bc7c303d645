import { itIsReady, read } from './notebook';

// it runs for minutes: npm run notebooks:paper
describe('notebooks/paper/cluster.ipynb', () => {
  const notebook = read('paper', 'cluster.ipynb');

  itIsReady(notebook, "predictScaling({ model: here, sample: [8], batch: 32 })");
});
