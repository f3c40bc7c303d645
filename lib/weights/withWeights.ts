import * as v from 'valibot';
import { CredenceError } from '../errors';
import type { Layer, Parameter } from '../layers/layer';
import { printed } from '../layers/printed';
import { type NdArray, type Shape, sizeOf } from '../ndarray';
import { closest, validate } from '../validate';
import { fromTorch, torchNames, torchShape } from './torch';

/** Names of arrays there: one, several that are added up, or none: the parameter starts at random. @inline */
type Names = string | readonly string[] | undefined;

/** Options of `withWeights`. */
export interface WithWeightsOptions {
  /**
   * How arrays are laid out. 'keras' (default): [in, out] and channels last, as the layers here. 'torch': [out, in, ...places], and by the
   * names of nn.Sequential: '0.weight' is the kernel of the first layer.
   */
  layout?: 'keras' | 'torch';
  /**
   * What arrays are called, by the path of the parameter here, such as '0.dense.kernel' (`summary` lists paths): an object of those that
   * are called differently, or a function. A parameter for which it gives undefined starts at random, as one of a new head.
   */
  names?: Readonly<Record<string, Names>> | ((path: string) => Names);
}

const options = v.strictObject({
  layout: v.optional(v.picklist(['keras', 'torch']), 'keras'),
  names: v.optional(
    v.union(
      [v.function(), v.record(v.string(), v.unknown())],
      'must be an object of names, or a function of paths',
    ),
  ),
});

/** Arrays by name. One without a shape has that of the parameter. @inline */
type Given = ReadonlyMap<string, Float32Array & { readonly shape?: Shape }>;
type Layout = NonNullable<WithWeightsOptions['layout']>;

function find(weights: Given, name: string, path: string): Float32Array & { readonly shape?: Shape } {
  const found = weights.get(name);
  if (found instanceof Float32Array) return found;
  const names = [...weights.keys()];
  const hint = closest(name, names);
  throw new CredenceError(
    'E_OPTION',
    `withWeights: there is no array '${name}' for '${path}'. ${hint ? `Did you mean '${hint}'? ` : ''}Give its name in option 'names', or undefined to start at random. Arrays: ${names.slice(0, 8).join(', ')}${names.length > 8 ? ', ...' : ''}`,
  );
}

/** An array in the layout of the parameter. @throws CredenceError E_SHAPE; E_DATA if a number in it is not finite */
function arranged(
  array: Float32Array & { readonly shape?: Shape },
  name: string,
  parameter: Parameter,
  layout: Layout,
): Float32Array {
  const wanted = layout === 'torch' ? torchShape(parameter) : parameter.shape;
  const shape = array.shape ?? wanted;
  if (shape.join() !== wanted.join() || array.length !== sizeOf(wanted)) {
    const told = array.shape ? `[${array.shape.join(', ')}]` : `${array.length} numbers`;
    const hint =
      layout === 'keras' && shape.join() === torchShape(parameter).join()
        ? ": set option 'layout' to 'torch'"
        : '';
    throw new CredenceError(
      'E_SHAPE',
      `withWeights: '${parameter.name}' needs an array of shape [${wanted.join(', ')}], and '${name}' has ${told}${hint}`,
    );
  }
  const wrong = array.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    throw new CredenceError(
      'E_DATA',
      `withWeights: '${name}' holds ${array[wrong]} at ${wrong}: weights must be finite`,
    );
  }
  return layout === 'torch' ? fromTorch(array as NdArray, parameter) : array;
}

const added = (a: Float32Array, b: Float32Array): Float32Array => a.map((value, i) => value + b[i]!);

/**
 * The same model, whose parameters start at these values instead of at random: a network that was trained elsewhere, or the means of a
 * run. `convert` makes it Bayesian, or plain again, and keeps the values: they are the means where the posterior starts.
 *
 *     const model = withWeights(net, weights.load('net.safetensors'), { layout: 'torch' });
 *     const run = fit(convert(model, { bayesian: true }), ...);
 * @param weights arrays by name, as `weights.load` gives them, or `posterior.variables`. Those that no parameter asks for are passed by.
 * @throws CredenceError E_OPTION; when built, E_OPTION where an array is missing, E_SHAPE where one does not fit, E_DATA if one holds NaN
 */
export function withWeights(model: Layer, weights: Given, given: WithWeightsOptions = {}): Layer {
  if (typeof (model as Partial<Layer> | undefined)?.build !== 'function') {
    throw new CredenceError(
      'E_OPTION',
      'withWeights: the first argument must be a model, such as sequential([...])',
    );
  }
  if (!((weights as unknown) instanceof Map)) {
    throw new CredenceError(
      'E_OPTION',
      'withWeights: the second argument must be a Map of arrays by name, such as weights.load(file)',
    );
  }
  const { layout } = validate(options, given, 'withWeights');
  const { names } = given;
  const usual = layout === 'torch' ? torchNames : (path: string): readonly string[] => [path];
  const namesOf = (path: string): readonly string[] => {
    if (names === undefined) return usual(path);
    const told =
      typeof names === 'function' ? names(path) : Object.hasOwn(names, path) ? names[path] : usual(path);
    return told === undefined ? [] : [told].flat();
  };
  const started = (parameter: Parameter): Parameter => {
    const arrays = namesOf(parameter.name).map((name) =>
      arranged(find(weights, name, parameter.name), name, parameter, layout),
    );
    if (arrays.length === 0) return parameter;
    const { isScale = typeof parameter.initial === 'number' } = parameter;
    return { ...parameter, initial: arrays.reduce(added), isScale };
  };
  return printed('withWeights', [model, new Set(weights.keys()), given], {
    name: model.name,
    build(inputShape) {
      const built = model.build(inputShape);
      return { ...built, parameters: built.parameters.map(started) };
    },
  });
}
