import type { Tensor } from '@tensorflow/tfjs';
import type { Draw } from '../../layers/layer';
import type { Batch, Draws, Program } from '../method';

/** What a draw is for. Predictions sample weights, whatever estimates gradients, and their noise is the same for all data. */
export type Use = 'training' | 'prediction';

/** A family of distributions over the parameters of a model: where its numbers lie in flat vectors, and draws of one of them. */
export interface Family extends Pick<
  Program,
  'vectors' | 'variables' | 'streams' | 'draws' | 'drawnNumbers'
> {
  /** The parts of the vectors that these draws depend on: what gradients are taken for. No large one is copied. */
  cut(vectors: readonly Tensor[], draws: Draws, use: Use): Tensor[];
  /** Gradients of those as gradients of the vectors. */
  join(gradients: readonly Tensor[], draws: Draws): Tensor[];
  /** The same without a copy of anything large: pieces of the vectors, one after the other. */
  inOrder?(gradients: readonly Tensor[], draws: Draws): Tensor[];
  /** Draws of all parameters, for the samples and data at hand. */
  draw(parts: readonly Tensor[], drawn: Drawn, use: Use): Draw;
}

/** The samples and data at hand, and how many samples there are in the whole step. */
export type Drawn = Pick<Batch, 'keys' | 'numbers' | 'first'> & { samples: number };
