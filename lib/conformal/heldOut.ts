import type { Values } from '../data/dataset';

/** Data that the model was not trained on: inputs [N, ...], and labels [N] or targets [N] or [N, D]. */
export interface HeldOut {
  x: Values;
  y: Values;
}
