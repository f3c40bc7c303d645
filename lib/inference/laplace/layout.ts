/** Which weights depend on each other in a Laplace posterior, and how. */
import { CredenceError } from '../../errors';
import type { Parameter } from '../../layers/layer';
import { sizeOf } from '../../ndarray';
import type { Network } from './network';
import { folderOf, type Product } from './products';

export const structures = ['full', 'diagonal', 'kronecker'] as const;
/** How weights depend on each other: each on each, not at all, or within a layer as inputs times outputs. */
export type LaplaceStructure = (typeof structures)[number];

/** Weights that depend on each other, and on no others. */
export interface Block {
  /** The places of its weights among the parts of the network, and how many numbers they are. */
  places: readonly number[];
  size: number;
  /** Lengths of the axes that its curvature is a Kronecker product over: none where it is diagonal. */
  sides: readonly number[];
  /** Where the weights are those of one product: which. The sides are its inputs and outputs; the bias is one more input, always 1. */
  product?: Product;
}

/** Eigenvectors of larger matrices take minutes. */
const LONGEST_SIDE = 2048;

/**
 * The weights that get a distribution: those of the last layer that has some, or all.
 * @throws CredenceError E_OPTION
 */
export function chosen({ weights }: Network, over: 'last' | 'all'): number[] {
  const last = weights.at(-1);
  if (!last) {
    throw new CredenceError(
      'E_OPTION',
      'laplace needs a model with Bayesian parameters: all of these are plain (bayesian: false)',
    );
  }
  const isChosen = ({ name }: Parameter): boolean => over === 'all' || folderOf(name) === folderOf(last.name);
  return weights.flatMap((weight, place) => (isChosen(weight) ? [place] : []));
}

/**
 * The blocks that the weights in some places fall into.
 * @param products of the network
 * @throws CredenceError E_OPTION if one is too large
 */
export function blocksOf(
  { weights }: Network,
  places: readonly number[],
  structure: LaplaceStructure,
  products: readonly Product[],
): Block[] {
  const total = (some: readonly number[]): number =>
    some.reduce((sum, place) => sum + sizeOf(weights[place]!.shape), 0);
  if (structure === 'full') return [assertFits({ places, size: total(places), sides: [total(places)] })];
  const isKronecker = structure === 'kronecker';
  const blocks: Block[] = products
    .filter((product) => places.includes(product.places[0]) && (isKronecker || isPlain(product)))
    .map((product) => {
      const own = product.places.filter((place) => place !== undefined);
      const size = total(own);
      const outputs = product.shape.at(-1)!;
      const sides = isKronecker ? [size / outputs, outputs] : [];
      return assertFits({ places: own, size, sides, product });
    });
  // scales and offsets of norms, embeddings, what recurrent layers share out: none is a single product
  const left = places.filter((place) => !blocks.some((block) => block.places.includes(place)));
  return left.length > 0 ? [...blocks, { places: left, size: total(left), sides: [] }] : blocks;
}

/** Whether a datum is one row of few inputs: the squares of its gradients are those of inputs times those of outputs. */
const isPlain = ({ shape, output }: Product): boolean =>
  sizeOf(output) === shape.at(-1) && sizeOf(shape.slice(0, -1)) <= LONGEST_SIDE;

function assertFits(block: Block): Block {
  const longest = Math.max(...block.sides);
  if (longest <= LONGEST_SIDE) return block;
  const { product } = block;
  throw new CredenceError(
    'E_OPTION',
    `laplace: structure '${product ? 'kronecker' : 'full'}' needs the eigenvectors of a matrix of ${longest} rows${product ? `, for ${product.name}` : ''}, and takes at most ${LONGEST_SIDE}: use structure ${product ? "'diagonal'" : "'kronecker'"}, or over: 'last'`,
  );
}
