import { type Shape, sizeOf } from '../../ndarray';
import { CHAIN_SLOTS, type ChainState, notes } from './chain';

/** Where a part of a chain lies in a vector that holds that part of all chains, one after the other. */
interface Piece {
  vector: number;
  offset: number;
  /** Of one chain. */
  size: number;
}

/** Where the numbers of chains lie in the vectors of a program, and in what it keeps for each. */
export interface ChainLayout {
  pieces: readonly Piece[];
  /** How many vectors there are. */
  vectors: number;
}

/** @param variables of all chains, which lie in the vectors without gaps */
export function chainLayout(
  variables: readonly { shape: Shape; vector: number; offset: number }[],
  chains: number,
): ChainLayout {
  const pieces = variables.map(({ shape, vector, offset }) => ({
    vector,
    offset,
    size: sizeOf(shape) / chains,
  }));
  pieces.sort((a, b) => a.vector - b.vector || a.offset - b.offset);
  return { pieces, vectors: 1 + Math.max(...pieces.map(({ vector }) => vector)) };
}

/** The parts of a chain, of its vector (0) or one of its other arrays, as they lie in the arrays of all chains. */
const partsOf = (
  arrays: readonly Float32Array[],
  { pieces, vectors }: ChainLayout,
  chain: number,
  kind: number,
): Float32Array[] =>
  pieces.map(({ vector, offset, size }) => {
    const array = kind === 0 ? vector : vectors + CHAIN_SLOTS * vector + kind - 1;
    const first = offset + chain * size;
    return arrays[array]!.subarray(first, first + size);
  });

/** A copy of the state of a chain. @param arrays the vectors, then what is kept for each */
export function takeChain(arrays: readonly Float32Array[], layout: ChainLayout, chain: number): ChainState {
  const take = (kind: number): Float32Array =>
    Float32Array.from(partsOf(arrays, layout, chain, kind).flatMap((part) => [...part]));
  return [take(0), take(1), take(2), take(3)];
}

/** Writes the state of a chain where it belongs. @param arrays may be the vectors alone */
export function putChain(
  arrays: readonly Float32Array[],
  layout: ChainLayout,
  chain: number,
  state: ChainState,
): void {
  const kinds = arrays.length > layout.vectors ? state.length : 1;
  for (let kind = 0; kind < kinds; kind++) {
    let next = 0;
    for (const part of partsOf(arrays, layout, chain, kind)) {
      part.set(state[kind]!.subarray(next, (next += part.length)));
    }
  }
}

/** Parameters of one chain: all but what is noted of it, which comes last. */
export const dimensionOf = ({ pieces }: ChainLayout): number =>
  pieces.reduce((sum, { size }) => sum + size, -notes.length);
