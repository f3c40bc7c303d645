import type { MimeBundle } from '../../lib/host';

/** A code cell: its source and the rich outputs saved with it. */
export interface Cell {
  source: string;
  outputs?: readonly MimeBundle[];
}

const python = { name: 'python3', display_name: 'Python 3', language: 'python' };
const typescript = { name: 'credence', display_name: 'TypeScript (Credence)', language: 'typescript' };

/** A saved notebook (nbformat 4.5). Default kernel: Python's, which every JupyterLab has. */
export const notebook = (cells: readonly Cell[], kernelspec = python): string =>
  JSON.stringify({
    cells: cells.map(({ source, outputs = [] }, i) => ({
      cell_type: 'code',
      id: `cell-${i}`,
      source,
      metadata: {},
      execution_count: outputs.length > 0 ? 1 : null,
      outputs: outputs.map((data) => ({ output_type: 'display_data', data, metadata: {} })),
    })),
    metadata: { kernelspec },
    nbformat: 4,
    nbformat_minor: 5,
  });

/** A notebook for our own kernel, not run yet. */
export const ourNotebook = (...sources: readonly string[]): string =>
  notebook(
    sources.map((source) => ({ source })),
    typescript,
  );

/** Cells that print, show themselves, and wait for a value. */
export const variedCells: readonly string[] = [
  `const answer: number = 6 * 7;\nconsole.log('printed', answer);`,
  `({ toMimeBundle: () => ({ 'text/html': '<b>bold</b>', 'text/plain': 'plain' }) })`,
  `await (Promise.resolve(answer + 1))`,
];

/** A cell whose run trains until it is stopped: a curve, by so many workers. */
export const trainingCell = (
  devices = 2,
): string => `import { adam, data, fit, layers, likelihoods, sequential, vi } from 'credence';
const wave = data.wave({ points: 100, noise: 0.1, seed: 1 });
const model = sequential([
  layers.dense({ units: 32, activation: 'gelu' }),
  layers.dense({ units: 1 }),
]);
const run = fit(model, wave.train, {
  method: vi({ samples: 4, klWeight: 0.05 }),
  likelihood: likelihoods.gaussian(),
  optimizer: adam(1e-2),
  epochs: 1_000_000,
  batchSize: 100,
  devices: ${devices},
});
run`;
