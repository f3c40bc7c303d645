/** How PyTorch names and lays out the parameters of the layers that are here, too. */
import type { Parameter } from '../layers/layer';
import type { NdArray, Shape } from '../ndarray';

/** Ends of names here and there. Two there: their sum. */
const ends: readonly (readonly [ours: RegExp, theirs: readonly string[]])[] = [
  [/(^|[.])lstm[.]kernel$/, ['weight_ih_l0']],
  [/(^|[.])lstm[.]recurrentKernel$/, ['weight_hh_l0']],
  [/(^|[.])lstm[.]bias$/, ['bias_ih_l0', 'bias_hh_l0']],
  [/(^|[.])gru[.]kernel$/, ['weight_ih_l0']],
  [/(^|[.])gru[.]recurrentKernel$/, ['weight_hh_l0']],
  [/(^|[.])gru[.]bias$/, ['bias_ih_l0']],
  [/(^|[.])gru[.]recurrentBias$/, ['bias_hh_l0']],
  [/(^|[.])multiHeadAttention[.]qkv[.]kernel$/, ['in_proj_weight']],
  [/(^|[.])multiHeadAttention[.]qkv[.]bias$/, ['in_proj_bias']],
  [/(^|[.])multiHeadAttention[.]output[.]kernel$/, ['out_proj.weight']],
  [/(^|[.])multiHeadAttention[.]output[.]bias$/, ['out_proj.bias']],
  [/(^|[.])[^.]+[.](kernel|scale)$/, ['weight']],
  [/(^|[.])[^.]+[.](bias|offset)$/, ['bias']],
  [/(^|[.])[^.]+[.]movingMean$/, ['running_mean']],
  [/(^|[.])[^.]+[.]movingVariance$/, ['running_var']],
];

/**
 * What nn.Sequential calls a parameter that is here called so: '0.dense.kernel' is '0.weight', '1.lstm.bias' is '1.bias_ih_l0' plus
 * '1.bias_hh_l0'. A name that is of no layer is left as it is.
 */
export function torchNames(path: string): readonly string[] {
  const [ours, theirs] = ends.find(([ours]) => ours.test(path)) ?? [];
  if (!ours || !theirs) return [path];
  const start = path.replace(ours, '').replace(/(\d+)[.][^.]+(?=[.]|$)/g, '$1');
  return theirs.map((end) => (start ? `${start}.${end}` : end));
}

const isRecurrent = (name: string): boolean => /(^|[.])(lstm|gru)[.][^.]+$/.test(name);

/** An embedding: each of its outputs is one number of a table of many rows. */
const isTable = ({ name, shape, fanIn }: Parameter): boolean =>
  shape.length === 2 && fanIn === 1 && shape[0]! > 1 && !isRecurrent(name);

/** Whether it maps inputs to outputs, which PyTorch lays out the other way round: [out, in, ...places]. Other names are of own layers. */
const isMap = (parameter: Parameter): boolean =>
  /(^|[.])(kernel|recurrentKernel)$/.test(parameter.name) &&
  parameter.shape.length > 1 &&
  !isTable(parameter);

/** The shape that PyTorch gives such a parameter. */
export function torchShape(parameter: Parameter): Shape {
  if (!isMap(parameter)) return parameter.shape;
  const { shape } = parameter;
  return [shape.at(-1)!, shape.at(-2)!, ...shape.slice(0, -2)];
}

/** [out, in, ...places] -> [...places, in, out], where it is a map. */
export function fromTorch(values: NdArray, parameter: Parameter): Float32Array {
  if (!isMap(parameter)) return values;
  const [outputs, inputs] = [parameter.shape.at(-1)!, parameter.shape.at(-2)!];
  const places = values.length / (outputs * inputs);
  return Float32Array.from(values, (_, i) => {
    const [output, input, place] = [
      i % outputs,
      Math.floor(i / outputs) % inputs,
      Math.floor(i / (outputs * inputs)),
    ];
    return values[(output * inputs + input) * places + place]!;
  });
}
