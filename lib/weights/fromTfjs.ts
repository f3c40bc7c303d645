import * as v from 'valibot';
import { CredenceError } from '../errors';
import type { Layer } from '../layers/layer';
import { sequential } from '../layers/sequential';
import type { NdArray, Shape } from '../ndarray';
import { count } from '../validate';
import { kerasLayers } from './kerasLayers';
import type { Converted } from './kerasSettings';
import { type KerasLayer, readTfjs, type TfjsModel } from './tfjsFile';
import { withWeights } from './withWeights';

const described = v.object({ class_name: v.string(), config: v.record(v.string(), v.unknown()) });
const list = v.array(described);

/** Its layers, one after the other. */
function layersOf({ class_name, config }: KerasLayer): KerasLayer[] {
  if (class_name !== 'Sequential') {
    throw new Error(`it is a model of class ${class_name}, of which only Sequential can be read`);
  }
  return v.parse(list, Array.isArray(config) ? config : config['layers']);
}

const nameOf = ({ class_name, config }: KerasLayer): string =>
  typeof config['name'] === 'string' ? `'${config['name']}' (${class_name})` : class_name;

/** The shape of one input, which the first layer tells. */
function inputShapeOf([first]: readonly KerasLayer[]): Shape {
  const given = first?.config['batch_input_shape'] ?? first?.config['batch_shape'];
  const result = v.safeParse(v.array(count(1)), Array.isArray(given) ? given.slice(1) : given);
  if (result.success) return result.output;
  throw new Error(`its inputs have the shape ${JSON.stringify(given)}, and can only have a fixed one`);
}

/** A softmax or sigmoid at the end makes probabilities of logits, which is the likelihood's business here. */
function withoutLink(layers: readonly KerasLayer[]): KerasLayer[] {
  const [last, isLink] = [layers.at(-1), (name: unknown) => name === 'softmax' || name === 'sigmoid'];
  if (!last) return [];
  const before = layers.slice(0, -1);
  if (
    last.class_name === 'Softmax' ||
    (last.class_name === 'Activation' && isLink(last.config['activation']))
  )
    return before;
  if (!isLink(last.config['activation'])) return [...layers];
  return [...before, { ...last, config: { ...last.config, activation: 'linear' } }];
}

/** The end of a name: 'kernel' of 'dense_1/kernel:0'. */
const endOf = (name: string): string => name.split('/').at(-1)!.replace(/:\d+$/, '');

/** Averages of batches, which may come after all that is learned. */
const isMoving = (name: string): boolean => endOf(name).startsWith('moving_');

/** Takes arrays for one layer after the other: they come in the order of the layers, and within one in any. */
function taker(weights: TfjsModel['weights']) {
  const lists = [false, true].map((moving) => weights.filter(([name]) => isMoving(name) === moving));
  const next = lists.map(() => 0);
  const forLayer = (layer: KerasLayer) => {
    const start = [...next];
    const taken = lists.map(() => new Set<number>());
    return (name: string): NdArray => {
      const which = isMoving(name) ? 1 : 0;
      const window = lists[which]!.slice(start[which], start[which]! + 4); // no layer has more arrays
      const found = window.findIndex(([each], i) => endOf(each) === name && !taken[which]!.has(i));
      if (found < 0) throw new Error(`there is no array '${name}' for its layer ${nameOf(layer)}`);
      taken[which]!.add(found);
      next[which] = start[which]! + taken[which]!.size;
      return window[found]![1];
    };
  };
  return { forLayer, rest: () => lists.flatMap((list, i) => list.slice(next[i]).map(([name]) => name)) };
}

function convertLayer(layer: KerasLayer, take: (name: string) => NdArray, inputShape: Shape): Converted {
  const make = Object.hasOwn(kerasLayers, layer.class_name) ? kerasLayers[layer.class_name] : undefined;
  if (!make) {
    throw new Error(
      `its layer ${nameOf(layer)} is none of those that can be read: ${Object.keys(kerasLayers).join(', ')}`,
    );
  }
  try {
    return make(layer.config, take, inputShape);
  } catch (cause) {
    throw new Error(`its layer ${nameOf(layer)}: ${(cause as Error).message}`, { cause });
  }
}

function read(file: string): Layer {
  const { topology, weights } = readTfjs(file);
  if (!topology) throw new Error('it describes no model of layers');
  const described = layersOf(topology);
  let shape = inputShapeOf(described);
  const { forLayer, rest } = taker(weights);
  const [layers, arrays]: [Layer[], [string, NdArray][]] = [[], []];
  for (const each of withoutLink(described)) {
    if (each.class_name === 'InputLayer') continue;
    const { layer, weights: own = {} } = convertLayer(each, forLayer(each), shape);
    const place = `${layers.length}.${layer.name}`;
    arrays.push(
      ...Object.entries(own).map(([name, array]): [string, NdArray] => [`${place}.${name}`, array]),
    );
    layers.push(layer);
    shape = layer.build(shape).outputShape;
  }
  if (rest().length > 0) throw new Error(`no layer asks for its array '${rest()[0]}'`);
  const model = withWeights(sequential(layers), new Map(arrays));
  model.build(inputShapeOf(described)); // refuses arrays of other shapes now
  return model;
}

/**
 * The model of a TensorFlow.js layers model (model.json and its shards, as `model.save` or tensorflowjs_converter writes them), with its
 * weights: a sequence of layers that are here, too, deterministic; `convert` makes it Bayesian. A softmax or sigmoid at the end is left
 * out: outputs are the logits that `likelihoods.categorical()` and `bernoulli()` take.
 * @throws CredenceError E_FILE, which names the layer or setting that is not here
 */
export function fromTfjs(file: string): Layer {
  try {
    return read(file);
  } catch (cause) {
    if (cause instanceof CredenceError && cause.code === 'E_FILE') throw cause;
    throw new CredenceError(
      'E_FILE',
      `${file} cannot be made a model of: ${(cause as Error).message}. Its weights alone can be read with weights.load`,
      { cause },
    );
  }
}
