/** The configurations in Credence, through its public API. */
import { type Layer, layers, type Likelihood, likelihoods, sequential } from '../lib';
import type { Config } from './configs';

export function modelOf({ network, outputs }: Config): Layer {
  switch (network.kind) {
    case 'mlp': {
      const hidden = network.widths.slice(1, -1).map((units) => layers.dense({ units, activation: 'relu' }));
      return sequential([...hidden, layers.dense({ units: outputs })]);
    }
    case 'cnn': {
      const blocks = network.filters.flatMap((filters) => [
        layers.conv2d({ filters, kernelSize: 3, activation: 'relu' }),
        layers.maxPool({ poolSize: 2 }),
      ]);
      return sequential([...blocks, layers.flatten(), layers.dense({ units: outputs })]);
    }
    case 'vit': {
      const { patch, dim, depth, heads, mlp } = network;
      return sequential([
        layers.patches({ patch }),
        layers.dense({ units: dim }),
        layers.transformerEncoder({ depth, heads, mlp }),
        layers.globalAveragePool(),
        layers.dense({ units: outputs }),
      ]);
    }
  }
}

export const likelihoodOf = ({ likelihood }: Config): Likelihood =>
  likelihood.kind === 'categorical'
    ? likelihoods.categorical()
    : likelihoods.gaussian({ noise: likelihood.noise });
