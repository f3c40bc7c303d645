import { ndarray, type NdArray } from '../../ndarray';
import { type Note, notes, type Sampler } from './chain';

/** How the iterations went that the draws are of: what tells whether they can be trusted, beside R-hat and the effective sample size. */
export interface ChainDiagnostics {
  /** Of each chain, [chains]. */
  stepSize: NdArray;
  /** The mean probability of acceptance of each iteration, [chains, draws]. */
  acceptance: NdArray;
  /** 1 for an iteration whose energy went astray: the density is too steep there for the step size. [chains, draws] */
  divergent: NdArray;
  /** Leapfrog steps of each iteration, which take one gradient each, [chains, draws]. */
  steps: NdArray;
  /** Doublings of the trajectory of each iteration, [chains, draws]. */
  depth: NdArray;
  /** What is wrong, and what to do about it; undefined where nothing is. */
  warning: string | undefined;
  /** All of it in a line. */
  summary: string;
}

/** @param sets the notes of all chains at each draw, [chains, notes] */
export function diagnose(sets: readonly Float32Array[], chains: number, sampler: Sampler): ChainDiagnostics {
  const of = (name: Note): NdArray => {
    const place = notes.indexOf(name);
    const values = Array.from({ length: chains }, (_, chain) =>
      sets.map((set) => set[chain * notes.length + place]!),
    );
    return ndarray(Float32Array.from(values.flat()), [chains, sets.length]);
  };
  const [divergent, depth] = [of('divergent'), of('depth')];
  const count = (values: NdArray, isSo: (value: number) => boolean): number => values.filter(isSo).length;
  const diverged = count(divergent, (value) => value === 1);
  const cut = sampler.kind === 'nuts' ? count(depth, (value) => value >= sampler.maxTreeDepth) : 0;
  const draws = divergent.length;
  const warnings: string[] = [];
  if (diverged > 0) {
    warnings.push(
      `${diverged} of ${draws} iterations diverged: the draws may miss a part of the posterior. ${remedy(sampler)}, or a tighter prior`,
    );
  }
  if (cut > 0) {
    warnings.push(
      `${cut} of ${draws} trajectories were cut at maxTreeDepth ${sampler.maxTreeDepth} before they turned back: draws are more alike than they need be. Try a greater maxTreeDepth`,
    );
  }
  const warning = warnings.length > 0 ? warnings.join('; ') : undefined;
  const [stepSizes, acceptance, steps] = [of('stepSize'), of('acceptance'), of('steps')];
  const stepSize = ndarray(
    stepSizes.filter((_, i) => i % sets.length === sets.length - 1),
    [chains],
  );
  const mean = (values: NdArray): string =>
    String(Number((values.reduce((sum, value) => sum + value, 0) / values.length).toPrecision(2)));
  return {
    stepSize,
    acceptance,
    divergent,
    steps,
    depth,
    warning,
    summary: [
      `${chains} chains of ${sets.length} draws, acceptance ${mean(acceptance)}, step size ${mean(stepSize)}, ${mean(steps)} gradients a draw`,
      ...warnings,
    ].join('; '),
  };
}

const remedy = ({ stepSize, targetAccept }: Sampler): string =>
  stepSize === undefined
    ? `Try a greater targetAccept than ${targetAccept}, such as ${Number((1 - (1 - targetAccept) / 4).toFixed(4))}`
    : `Try a smaller stepSize than ${stepSize}`;
