import * as tf from '@tensorflow/tfjs';
import { intAttribute, typeAttribute } from '../native/attributes';
import { compiles } from '../tfjs/backend';
import { DataType } from '../native/dtype';
import { asTensor, operation } from './trace';

/**
 * The rows of x with these numbers: [N, ...], [B] -> [B, ...], in a compiled function. (`tf.gather` reads the row numbers to check
 * them, which a compiled function cannot.)
 */
export function gatherRows(x: tf.Tensor, rows: tf.Tensor): tf.Tensor {
  if (!compiles()) return tf.gather(x, rows);
  const attributes = [
    typeAttribute('Tparams', x.dtype === 'int32' ? DataType.int32 : DataType.float32),
    typeAttribute('Tindices', DataType.int32),
    typeAttribute('Taxis', DataType.int32),
    intAttribute('batch_dims', 0),
  ];
  return asTensor(operation('GatherV2', attributes, [x, rows, tf.scalar(0, 'int32')]));
}
