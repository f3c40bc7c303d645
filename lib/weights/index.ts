/** Models and weights that come from elsewhere. */
export { fromTfjs } from './fromTfjs';
export { load, type Weights } from './load';
