export { adam, type AdamOptions } from './adam';
export { sgd, type SgdOptions } from './sgd';
export { type LearningRate, rateAt, type RateSchedule } from './learningRate';
export { chain, type Optimizer, type Transform } from './transform';
