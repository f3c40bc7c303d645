import { inspect } from 'node:util';
import * as v from 'valibot';
import { dataset, inputs, type Values } from '../../data/dataset';
import type { Kind, Likelihood } from '../../distributions/likelihood';
import { CredenceError } from '../../errors';
import { ndarray, type NdArray, type Shape, sizeOf } from '../../ndarray';
import { count, validate } from '../../validate';
import type { ChainDiagnostics } from '../chains/diagnostics';
import { atOnce, type BySteps, inTurns } from './bySteps';
import { drawing } from './drawing';
import type { Learned, Program } from '../method';
import { binary, classification, type Predictions, quantiles, regression } from './prediction';
import { scores, type Scores } from './scores';

/** Options of `predict`. */
export interface PredictOptions {
  /** How many draws of the posterior to average; all of them, where there are fewer. Default 64. */
  samples?: number;
  /** The same seed draws the same functions. Default 0. */
  seed?: number;
}

const options = v.strictObject({ samples: v.optional(count(1), 64), seed: v.optional(count(0), 0) });

/** @param parts what each draw predicts, see `Likelihood.predict` */
function predictionOf({ kind, quantile, levels }: Likelihood, parts: NdArray[]): Predictions[Kind] {
  switch (kind) {
    case 'classification':
      return classification(parts[0]!);
    case 'binary':
      return binary(parts[0]!);
    case 'regression':
      return regression(parts[0]!, parts[1]!, quantile);
    case 'quantiles':
      return quantiles(parts[0]!, levels!);
  }
}

/** What was learned: a distribution over the weights of a model. */
export class Posterior<K extends Kind = Kind> {
  /** The learned arrays by name: '1.dense.kernel.mean', '1.dense.kernel.logStd', ... */
  readonly variables: ReadonlyMap<string, NdArray>;

  constructor(
    private readonly program: Program,
    private readonly likelihood: Likelihood<K>,
    private readonly shapes: { input: Shape; output: Shape },
    private readonly learned: Learned,
  ) {
    this.variables = new Map(
      learned.variables.map(({ name, shape, vector, offset }) => [
        name,
        ndarray(learned.vectors[vector]!.subarray(offset, offset + sizeOf(shape)), shape),
      ]),
    );
  }

  /**
   * Predicts for new inputs, averaging over draws of the weights.
   * @param x [N, ...inputShape]: an array with a shape, nested lists of numbers, or a tensor
   * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
   */
  predict(x: Values, given: PredictOptions = {}): Predictions[K] {
    return atOnce(this.predicting(x, given));
  }

  /** `predict`, by steps. @internal */
  *predicting(x: Values, given: PredictOptions = {}): BySteps<Predictions[K]> {
    const wanted = this.wanted(validate(options, given, 'predict'));
    const parts = yield* drawing(this.program, this.learned, [this.check(inputs(x))], wanted);
    return predictionOf(this.likelihood, parts) as Predictions[K];
  }

  /**
   * The same for inputs that come in parts, from a file or a sensor, and need not fit into memory together: a prediction for each part, by
   * the same draws of the weights. Meanwhile the notebook stays awake: long predictions are made in small steps.
   * @param parts an array, a generator or a stream, of what `predict` takes
   * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
   */
  async *predictEach(
    parts: Iterable<Values> | AsyncIterable<Values>,
    given: PredictOptions = {},
  ): AsyncGenerator<Predictions[K], void, undefined> {
    for await (const x of parts) yield await inTurns(this.predicting(x, given));
  }

  /**
   * How good predictions are for data whose targets are known: the negative log likelihood of the predictive distribution, nats per datum,
   * -log mean_s p(y | x, w_s), and the usual scores of the kind of prediction.
   * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
   */
  evaluate({ x, y }: { x: Values; y: Values }, given: PredictOptions = {}): Scores[K] {
    const wanted = this.wanted(validate(options, given, 'evaluate'));
    const data = dataset(x, y);
    const input = this.check(data.x);
    const { values, shape } = this.likelihood.targets(data.y, this.shapes.output);
    const targets = ndarray(values, [data.x.shape[0]!, ...shape]);
    const asked = this.likelihood.isFitted ? ([input] as const) : ([input, targets] as const);
    const parts = atOnce(drawing(this.program, this.learned, asked, wanted));
    const logLikelihood = this.likelihood.isFitted ? undefined : parts.pop();
    return scores(predictionOf(this.likelihood, parts), this.likelihood, targets, logLikelihood) as Scores[K];
  }

  private wanted({ samples, seed }: Required<PredictOptions>): Required<PredictOptions> {
    return { samples: Math.min(samples, this.learned.draws), seed };
  }

  /**
   * The draws of a variable by the Markov chain they are of, [chains, draws, ...shape]: whether chains agree is what tells if they can be
   * trusted (`metrics.rhat`, `metrics.ess`).
   * @param element its number in the variable, row by row: the draws of that one alone, [chains, draws]
   * @throws CredenceError E_OPTION if the method has no chains, or the posterior no such variable or element
   */
  chain(name: string, element?: number): NdArray {
    const refuse = (why: string): CredenceError => new CredenceError('E_OPTION', `posterior.chain: ${why}`);
    const { chains } = this.learned;
    if (chains === undefined) {
      throw refuse('there are no chains: use a method that makes some, such as nuts() or sghmc()');
    }
    const all = this.variables.get(name);
    if (!all) {
      throw refuse(`there is no variable '${name}', only ${[...this.variables.keys()].join(', ')}`);
    }
    const [count, ...shape] = all.shape as [number, ...number[]];
    const layout = [chains, count / chains];
    if (element === undefined) return ndarray(all.slice(), [...layout, ...shape]);
    const size = sizeOf(shape);
    if (!Number.isInteger(element) || element < 0 || element >= size) {
      throw refuse(`'${name}' has elements 0 to ${size - 1}, got ${element}`);
    }
    return ndarray(
      Float32Array.from({ length: count }, (_, draw) => all[draw * size + element]!),
      layout,
    );
  }

  private check(x: NdArray): NdArray {
    const shape = x.shape.slice(1);
    if (shape.join() === this.shapes.input.join()) {
      this.program.checkInputs?.(x);
      return x;
    }
    throw new CredenceError(
      'E_SHAPE',
      `the model needs x of shape [N, ${this.shapes.input.join(', ')}], got [N, ${shape.join(', ')}]`,
    );
  }

  /** A posterior prints as the list of what it knows: its arrays would fill the screen. */
  [inspect.custom](): string {
    return this.toString();
  }

  /**
   * How the iterations of Hamiltonian Monte Carlo went.
   * @throws CredenceError E_OPTION of a posterior of another method
   */
  get diagnostics(): ChainDiagnostics {
    const { diagnostics } = this.learned;
    if (diagnostics) return diagnostics;
    throw new CredenceError(
      'E_OPTION',
      'posterior.diagnostics: there are none of this method, only of hmc() and nuts()',
    );
  }

  toString(): string {
    const rows = [...this.variables].map(([name, { shape }]) => `  ${name} [${shape.join(', ')}]`);
    return [
      `Posterior (${this.likelihood.name} likelihood, inputs [${this.shapes.input.join(', ')}])`,
      ...(this.learned.notes ?? []).map((note) => `  ${note}`),
      ...rows,
      ...(this.learned.diagnostics ? [`  ${this.learned.diagnostics.summary}`] : []),
    ].join('\n');
  }
}
