import * as v from 'valibot';
import { CredenceError } from '../errors';
import { validate } from '../validate';
import type { BuiltPart, Layer, Parameter } from './layer';
import { printed } from './printed';

/** Options of `convert`. */
export interface ConvertOptions {
  /**
   * What to learn distributions over: all weights (true), nothing (false), or the parameters for whose path this function says true, such
   * as `(path) => path.startsWith('2.')` for the third layer of a sequential model. `summary` lists the paths. With true, the scales and
   * offsets of norms stay plain values, as they are in the layers themselves; a function decides about these, too.
   */
  bayesian: boolean | ((path: string) => boolean);
}

const options = v.strictObject({
  bayesian: v.union([v.boolean(), v.function()], 'must be true, false or a function of paths'),
});

/** A weight begins at random, or where it was told to; what begins at a number is a scale or an offset. */
const isWeight = ({ initial, isScale = typeof initial === 'number' }: Parameter): boolean => !isScale;

function decide(bayesian: ConvertOptions['bayesian'], parameter: Parameter, path: string): boolean {
  if (parameter.isMoving) return false; // it is not learned at all
  if (typeof bayesian === 'boolean') return bayesian && (parameter.bayesian || isWeight(parameter));
  const decision: unknown = bayesian(path + parameter.name);
  if (typeof decision === 'boolean') return decision;
  throw new CredenceError(
    'E_OPTION',
    `convert: option 'bayesian' must give true or false for each path, and gave ${String(decision)} for '${path}${parameter.name}'`,
  );
}

type Described = BuiltPart['layer'];

/** What a layer says of itself, and its parts of themselves. */
function converted(layer: Described, bayesian: ConvertOptions['bayesian'], path: string): Described {
  return {
    ...layer,
    parameters: layer.parameters.map((parameter) => ({
      ...parameter,
      bayesian: decide(bayesian, parameter, path),
    })),
    ...(layer.parts && {
      parts: layer.parts.map(({ name, layer }) => ({
        name,
        layer: converted(layer, bayesian, `${path}${name}.`),
      })),
    }),
  };
}

/**
 * The same model with a distribution over other weights: a deterministic one made Bayesian, as a whole or in some layers, or a Bayesian one
 * made deterministic. Works for any layer, own ones included; the model given stays as it is.
 * @throws CredenceError E_OPTION; when built, also if the function gives something else than true or false
 */
export function convert(model: Layer, given: ConvertOptions): Layer {
  if (typeof (model as Partial<Layer> | undefined)?.build !== 'function') {
    throw new CredenceError(
      'E_OPTION',
      'convert: the first argument must be a model, such as sequential([...])',
    );
  }
  const bayesian = validate(options, given, 'convert').bayesian as ConvertOptions['bayesian'];
  return printed('convert', [model, given], {
    name: model.name,
    build(inputShape) {
      const built = model.build(inputShape);
      return { ...built, ...converted(built, bayesian, '') };
    },
  });
}
