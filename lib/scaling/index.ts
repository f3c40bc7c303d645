/** How training scales over workers: measured here, and as the paper has it. */
export { type Quantity } from '../figures/scalingEnergy';
export { type Cell, type Curve, type ScalingStrategy } from './cells';
export { paperScaling } from './paper';
export { Scaling } from './result';
export { scaling, type ScalingOptions } from './scaling';
export { type StepTimes } from './turn';
