import type { ActivationName } from './activation';
import { chain } from './chain';
import { dense } from './dense';
import type { Layer } from './layer';
import { layerNorm } from './layerNorm';

/** The perceptron of a transformer block, [..., D]: a norm, hidden units, and as many outputs as inputs. */
export const perceptron = (hidden: number, activation: ActivationName, bayesian: boolean): Layer => ({
  name: 'perceptron',
  build: (inputShape) =>
    chain('perceptron', [
      { name: 'norm', layer: layerNorm() },
      { name: 'hidden', layer: dense({ units: hidden, activation, bayesian }) },
      { name: 'output', layer: dense({ units: inputShape.at(-1)!, bayesian }) },
    ]).build(inputShape),
});
