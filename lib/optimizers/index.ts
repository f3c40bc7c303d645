export { adam, type AdamOptions } from './adam';
export { sgd } from './sgd';
export { type LearningRate, rateAt, type RateSchedule } from './learningRate';
export { chain, type Optimizer, type Transform } from './transform';
