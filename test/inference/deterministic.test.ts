import assert from 'node:assert/strict';
import { likelihoods } from '../../lib/distributions';
import { fit } from '../../lib/fit';
import { dense } from '../../lib/layers';
import { sequential } from '../../lib/layers/sequential';
import { adam } from '../../lib/optimizers';
import { assertClose, golden } from '../golden';
import '../problems';

interface Inputs {
  X: number[][];
  y: number[];
}

/** Least squares by the normal equations, for three columns or fewer. */
function leastSquares(X: number[][], y: number[]): number[] {
  const A = X[0]!.map((_, i) => [
    ...X[0]!.map((_, j) => X.reduce((sum, row) => sum + row[i]! * row[j]!, 0)),
    X.reduce((sum, row, n) => sum + row[i]! * y[n]!, 0),
  ]);
  A.forEach((pivot, i) => {
    A.forEach((row, k) => {
      if (k === i) return;
      const factor = row[i]! / pivot[i]!;
      row.forEach((_, j) => (row[j]! -= factor * pivot[j]!));
    });
  });
  return A.map((row, i) => row.at(-1)! / row[i]!);
}

describe('inference: layers that are not Bayesian', () => {
  it('are trained as usual: least squares', async () => {
    const { inputs } = golden<Inputs>('inference', 'bayesian_linear_regression')[0]!;
    const run = fit(
      dense({ units: 1, bias: false, bayesian: false }),
      { x: inputs.X, y: inputs.y },
      {
        likelihood: likelihoods.gaussian({ noise: 1 }),
        optimizer: adam(0.02),
        epochs: 1500,
        devices: 1,
      },
    );
    const posterior = await run.done;
    assert.deepEqual([...posterior.variables.keys()], ['kernel']);
    assertClose(posterior.variables.get('kernel')!, leastSquares(inputs.X, inputs.y), 1e-4);
    assert.ok(run.history.kl.every((kl) => kl === 0));
    assert.equal(run.plan.samples, 1, 'all samples would be equal');
    const p = posterior.predict(inputs.X, { samples: 32 });
    assert.deepEqual(p.samples.shape, [1, 8, 1]);
    assertClose(p.epistemic, new Array<number>(8).fill(0), 0);
  });

  it('go together with Bayesian ones in one model', async () => {
    const model = sequential([
      dense({ units: 2, bayesian: false, activation: 'tanh' }),
      dense({ units: 1, bias: false }),
    ]);
    const { inputs } = golden<Inputs>('inference', 'bayesian_linear_regression')[0]!;
    const run = fit(
      model,
      { x: inputs.X, y: inputs.y },
      {
        likelihood: likelihoods.gaussian({ noise: 0.3 }),
        optimizer: adam(0.02),
        epochs: 300,
        devices: 1,
      },
    );
    const posterior = await run.done;
    assert.deepEqual(
      [...posterior.variables.keys()],
      ['0.dense.kernel', '0.dense.bias', '1.dense.kernel.mean', '1.dense.kernel.logStd'],
    );
    assert.ok(run.history.nll.at(-1)! < run.history.nll[0]! / 2);
    assert.ok(posterior.predict(inputs.X).epistemic.every((std) => std > 0));
  });
});
