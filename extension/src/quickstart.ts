import type { JupyterFrontEnd } from '@jupyterlab/application';
import { ownKernel } from './ownKernel';
import { t } from './texts';

/** A model of a curve, which shows most of what there is in a few lines. */
export const snippet = `import { adam, data, fit, layers, likelihoods, sequential, vi } from 'credence';

const wave = data.wave({ points: 100, noise: 0.1, seed: 1 });
const model = sequential([
  layers.dense({ units: 64, activation: 'gelu' }),
  layers.dense({ units: 64, activation: 'gelu' }),
  layers.dense({ units: 1 }),
]);
const run = fit(model, wave.train, {
  method: vi({ samples: 8, klWeight: 0.05 }),
  likelihood: likelihoods.gaussian(),
  optimizer: adam(1e-2),
  epochs: 1200,
  batchSize: 100,
  seed: 1,
});
run`;

const prediction = `import { show } from 'credence';

const posterior = await run.done;
const x = Float32Array.from({ length: 200 }, (_, i) => -3 + (6 * i) / 199);
show.bands(x, posterior.predict(x, { samples: 100 }), { data: wave.train, truth: wave.curve })`;

const cells = (): readonly (readonly ['markdown' | 'code', string])[] => [
  [
    'markdown',
    t(
      '# Credence quickstart\n\nA Bayesian neural network gives an answer **and how sure it is**. Run the cells from top to bottom with Shift + Enter: the first trains one on a hundred noisy points of a curve and shows it live.',
    ),
  ],
  ['code', snippet],
  [
    'markdown',
    t(
      'While it trains you may pause or stop it; what was learned is kept. `await run.done` waits for the end and gives the posterior. The two bands are the noise of the data (aleatoric) and what the model does not know (epistemic).',
    ),
  ],
  ['code', prediction],
];

/** A notebook (nbformat 4.5) for a kernel. */
const notebook = (kernel: { name: string; display_name: string }): object => ({
  cells: cells().map(([type, source], i) => ({
    cell_type: type,
    id: `quickstart-${i}`,
    metadata: {},
    source,
    ...(type === 'code' ? { execution_count: null, outputs: [] } : {}),
  })),
  metadata: { kernelspec: { ...kernel, language: 'typescript' } },
  nbformat: 4,
  nbformat_minor: 5,
});

/**
 * Writes the quickstart into a folder under a name that is free, and opens it.
 * @throws Error where no kernel of ours is registered, saying how it is
 */
export async function openQuickstart(app: JupyterFrontEnd, folder: string): Promise<void> {
  const { contents } = app.serviceManager;
  const kernel = await ownKernel(app);
  if (!kernel) {
    throw new Error(
      t('The TypeScript (Credence) kernel is not registered. Run: npx credence kernel install'),
    );
  }
  const listing = await contents.get(folder);
  const taken = new Set((listing.content as { name: string }[]).map(({ name }) => name));
  let name = 'credence-quickstart.ipynb';
  for (let i = 2; taken.has(name); i++) name = `credence-quickstart-${i}.ipynb`;
  const path = folder === '' ? name : `${folder}/${name}`;
  const content = notebook({ name: kernel.name, display_name: kernel.display_name });
  await contents.save(path, { type: 'notebook', format: 'json', content });
  await app.commands.execute('docmanager:open', { path });
}
