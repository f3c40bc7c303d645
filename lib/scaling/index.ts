/** How training scales over workers: measured here, as the paper has it, and predicted. */
export { type Quantity } from '../figures/scaling/scalingEnergy';
export { type Cell, type Curve, type ScalingStrategy } from './cells';
export { type FittedStep, ScalingFit } from './fitResult';
export { fitScaling, type FitScalingOptions } from './fitScaling';
export { measureNetwork, type MeasureNetworkOptions, type Network } from './network';
export { type PaperEpoch, paperEpochs, paperScaling } from './paper';
export { type PredictedStep, type Prediction, ScalingPrediction } from './prediction';
export { predictScaling, type PredictScalingOptions } from './predictScaling';
export { Scaling } from './result';
export { scaling, type ScalingOptions } from './scaling';
export { type Cluster, type MeasuredStep, type StepCosts, type StepModel, type StepPlace } from './stepCosts';
export { type StepTimes } from './turn';
