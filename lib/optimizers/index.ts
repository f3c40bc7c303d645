export { adam, type AdamOptions } from './adam';
export { sgd } from './sgd';
export { chain, type Optimizer, type Transform } from './transform';
