/** One Markov chain: what is kept of it between iterations, and an iteration. Pure functions of plain arrays. */
import { foldIn, type Key, normals, uniforms } from '../../threefry';
import { followPath, MOST_STEPS, type Travel } from './path';
import {
  energy,
  type Evaluation,
  type Landscape,
  leapfrog,
  type Phase,
  type Potential,
  type Transition,
} from './phase';
import { growTree } from './tree';
import { beginSearch, regularized, searchOn, warmupPart } from './warmup';

/** How chains move. */
export interface Sampler {
  /** The end of a path of given length, or a point of a trajectory that ends where it turns back. */
  kind: 'hmc' | 'nuts';
  /** Iterations that adapt the step size and the mass matrix, and are forgotten. */
  warmup: number;
  /** The mean probability of acceptance that the step size is adapted to. */
  targetAccept: number;
  /** A step size that is kept, with unit masses: nothing is adapted. */
  stepSize: number | undefined;
  /** Of 'hmc': steps of a path, or the mean of its length. */
  steps: number | undefined;
  pathLength: number;
  /** Of 'nuts': doublings of a trajectory at most. */
  maxTreeDepth: number;
}

/** What stands behind the position in the vector of a chain: what the last iteration was like, and the search for a step size. */
export const notes = [
  'stepSize',
  'acceptance',
  'divergent',
  'depth',
  'steps',
  'logStep',
  'logStepMean',
  'error',
  'anchor',
] as const;
export type Note = (typeof notes)[number];

export const noteOf = (vector: Float32Array, name: Note): number =>
  vector[vector.length - notes.length + notes.indexOf(name)]!;

const write = (vector: Float32Array, values: Partial<Record<Note, number>>): void => {
  for (const [name, value] of Object.entries(values)) {
    vector[vector.length - notes.length + notes.indexOf(name as Note)] = value;
  }
};

/** Arrays beside the vector of a chain, each as long as that. */
export const CHAIN_SLOTS = 3;

/**
 * The vector (position, then notes), the variances that are the inverse mass matrix, and mean and squared deviations in the present
 * window. Single precision throughout: what is saved is all there is, and whoever goes on from it makes the same iterations.
 */
export type ChainState = readonly [
  vector: Float32Array,
  variances: Float32Array,
  mean: Float32Array,
  squares: Float32Array,
];

/** Numbers in (0, 1), one after the other. */
function stream(key: Key): () => number {
  let next = 0;
  return () => uniforms(foldIn(key, next++), 1)[0]!;
}

const kick = (key: Key, variances: Float64Array): Float64Array =>
  normals(key, variances.length).map((value, i) => value / Math.sqrt(variances[i]!));

/** The probability of acceptance at which the search for a first step size ends. */
const LIKELY = Math.log(0.8);

/** A step size at which a single step is accepted about as often as not: doubled or halved until that changes. */
function searchStep(
  stepSize: number,
  { q, at }: Omit<Phase, 'p'>,
  variances: Float64Array,
  potential: Potential,
  key: Key,
): number {
  const isSmall = (size: number, attempt: number): boolean => {
    const start = { q, p: kick(foldIn(key, attempt), variances), at };
    const change = energy(start, variances) - energy(leapfrog(start, size, variances, potential), variances);
    return change > LIKELY;
  };
  const grows = isSmall(stepSize, 0);
  let size = stepSize;
  for (let attempt = 1; attempt < 50; attempt++) {
    const next = grows ? 2 * size : size / 2;
    size = next;
    if (isSmall(next, attempt) !== grows) break;
  }
  return size;
}

function move(sampler: Sampler, start: Phase, travel: Travel): Transition {
  if (sampler.kind === 'nuts') return growTree(start, sampler.maxTreeDepth, travel);
  if (sampler.steps !== undefined) return followPath(start, sampler.steps, travel);
  // paths of one length may come back to where they began, again and again
  const steps = Math.round((sampler.pathLength * (0.5 + travel.uniform())) / travel.stepSize);
  return followPath(start, Math.max(1, Math.min(MOST_STEPS, steps)), travel);
}

/** Welford's update of mean and squared deviations. */
function observe([vector, , mean, squares]: ChainState, dim: number, seen: number): void {
  if (seen === 1) for (const each of [mean, squares]) each.fill(0);
  for (let i = 0; i < dim; i++) {
    const delta = vector[i]! - mean[i]!;
    mean[i]! += delta / seen;
    squares[i]! += delta * (vector[i]! - mean[i]!);
  }
}

/**
 * Makes an iteration of a chain, in place.
 * @param iteration counted from 0, warm-up included
 * @param key of the random numbers of this chain and iteration
 * @returns what is found at the new position. Where the potential at the old one is no number, the state stays as it is
 */
export function advanceChain(
  sampler: Sampler,
  state: ChainState,
  { iteration, key }: { iteration: number; key: Key },
  landscape: Landscape,
): Evaluation {
  const [vector, scales, , squares] = state;
  const dim = vector.length - notes.length;
  const { warmup, stepSize: fixed, targetAccept } = sampler;
  if (iteration === 0) scales.fill(1);
  const q = Float64Array.from(vector.subarray(0, dim));
  const variances = Float64Array.from(scales.subarray(0, dim));
  const at = landscape.potential(q);
  if (!Number.isFinite(at.nll + at.nlp)) return at;

  const adapts = fixed === undefined && iteration < warmup;
  const part = adapts ? warmupPart(iteration, warmup) : undefined;
  if (part?.count === 1) {
    const before = Math.exp(noteOf(vector, 'logStep')); // 1 at first
    write(vector, {
      ...beginSearch(searchStep(before, { q, at }, variances, landscape.potential, foldIn(key, 2))),
    });
  }
  const stepSize = fixed ?? Math.exp(noteOf(vector, adapts ? 'logStep' : 'logStepMean'));
  const start = { q, p: kick(foldIn(key, 0), variances), at };
  const uniform = stream(foldIn(key, 1));
  const { to, divergent, ...rest } = move(sampler, start, { stepSize, variances, landscape, uniform });
  vector.set(to.q);
  write(vector, { ...rest, stepSize, divergent: Number(divergent) });

  if (part) {
    const [logStepMean, error, anchor] = (['logStepMean', 'error', 'anchor'] as const).map((name) =>
      noteOf(vector, name),
    ) as [number, number, number];
    const search = { logStep: 0, logStepMean, error, anchor };
    write(vector, { ...searchOn(search, rest.acceptance, targetAccept, part.count) });
    if (part.seen > 0) observe(state, dim, part.seen);
    if (part.closes) for (let i = 0; i < dim; i++) scales[i] = regularized(squares[i]!, part.seen);
  }
  return to.at;
}
