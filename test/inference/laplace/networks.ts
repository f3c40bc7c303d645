/** Networks for the tests of curvature, at the values they start from. */
import type { Likelihood } from '../../../lib/distributions/likelihood';
import { blocksOf, chosen, type LaplaceStructure } from '../../../lib/inference/laplace/layout';
import { curvatureOf } from '../../../lib/inference/laplace/curvature';
import { network } from '../../../lib/inference/laplace/network';
import { productsOf } from '../../../lib/inference/laplace/products';
import { partsOf } from '../../../lib/inference/learning';
import type { TrainingData } from '../../../lib/inference/method';
import { points } from '../../../lib/inference/points';
import { priors } from '../../../lib/distributions';
import type { Layer } from '../../../lib/layers/layer';
import { ndarray, type Shape, sizeOf } from '../../../lib/ndarray';
import { sgd } from '../../../lib/optimizers';
import { keyOf, normals } from '../../../lib/threefry';

/** Inputs that differ in every place. */
export const inputs = (shape: Shape) => ndarray(Float32Array.from(normals(keyOf(9), sizeOf(shape))), shape);

/** A network with inputs of a shape, and what there is to know of it. */
export function prepared(model: Layer, likelihood: Likelihood, inputShape: Shape, targetShape: Shape) {
  const problem = {
    model,
    likelihood,
    optimizer: sgd(),
    inputShape,
    targetShape,
    size: 1,
    steps: 1,
    stepsPerEpoch: 1,
  };
  const parts = partsOf(problem);
  const net = network(parts);
  const vectors = points(problem, { prior: priors.normal(0, 1) }).vectors.map(({ initial }) => initial(1));
  const products = productsOf(net, inputShape);
  const outputs = sizeOf(parts.built.outputShape);
  const blocks = (structure: LaplaceStructure, over: 'last' | 'all' = 'all') =>
    blocksOf(net, chosen(net, over), structure, products);
  return {
    net,
    vectors,
    products,
    outputs,
    blocks,
    curvature: async (structure: LaplaceStructure, data: TrainingData, over?: 'last' | 'all') =>
      curvatureOf(
        net,
        { likelihood, root: likelihood.fisherRoot!, outputs },
        blocks(structure, over),
        vectors,
        data,
      ),
  };
}
