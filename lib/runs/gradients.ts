import { layerGroups } from '../figures/layerGroups';
import type { LayerValues } from '../figures/layerHistograms';
import type { Program } from '../inference/method';
import type { TrainingState } from '../parallel/plan/state';
import { sizeOf } from '../ndarray';

/** Variables that say how far weights spread, not where they are: sizes of both could not be compared. */
const isSpread = (name: string): boolean => /\.(logStd|factor\.\d+)$/.test(name);

/**
 * Some of the gradients of each layer, as the optimiser remembers them; none where it does not, or has not seen any. Of weights that
 * have distributions they are those of the means.
 */
export function runningGradients(
  { optimizer, slots: each, vectors, variables }: Program,
  { step, slots }: Pick<TrainingState, 'step' | 'slots'>,
): LayerValues[] {
  const running = step > 0 ? optimizer?.runningGradient?.(step) : undefined;
  if (!running) return [];
  const learned = variables.filter(({ name, vector }) => !vectors[vector]!.isMoving && !isSpread(name));
  return layerGroups(
    learned.map(({ name, shape, vector, offset }) => {
      const values = slots[vector * each + running.slot]!;
      return {
        name: name.replace(/\.mean$/, ''),
        size: sizeOf(shape),
        at: (index) => running.factor * values[offset + index]!,
      };
    }),
  );
}
