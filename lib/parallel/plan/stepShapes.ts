import { dtypeOf, type NdArray, type Shape } from '../../ndarray';

/** Shapes of what a step reads. */
export interface StepShapes {
  /** [N, ...]: the whole data set; the batch is gathered inside the step. */
  x: Shape;
  y: Shape;
  yType: 'int32' | 'float32';
  batch: number;
}

/** @param batch the number of data in each step */
export const stepShapes = (
  { x, y, yShape }: { x: NdArray; y: Int32Array | Float32Array; yShape: Shape },
  batch: number,
): StepShapes => ({
  x: x.shape,
  y: yShape,
  yType: dtypeOf(y),
  batch,
});
