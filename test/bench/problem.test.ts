import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { configNames, configs } from '../../bench/configs';
import { makeData } from '../../bench/data';
import { modelOf } from '../../bench/model';
import { readProblem, writeProblem } from '../../bench/problem';
import { packageRoot, pythonExecutable } from '../../lib/environment';

/** What the peers are given, in numbers: shapes and sums of the data, sizes of the parameters, fan-ins. */
const program = `
import json, sys
from problem import read_problem, parameters, initial
import numpy as np
problem = read_problem(sys.argv[1])
bayesian, fixed = parameters(problem)
means, log_stds, others = initial(problem)
print(json.dumps({
    'x': [*problem.x.shape], 'y': [*problem.y.shape],
    'sums': [float(problem.x.astype(np.float64).sum()), float(problem.y.astype(np.float64).sum())],
    'bayesian': sorted([int(np.prod(shape)), fan_in] for shape, fan_in in bayesian),
    'fixed': sorted(int(value.size) for value in others),
}))
`;

interface Seen {
  x: number[];
  y: number[];
  sums: [number, number];
  bayesian: [size: number, fanIn: number][];
  fixed: number[];
}

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);
const near = (actual: number, expected: number): void =>
  assert.ok(Math.abs(actual - expected) <= 1e-6 * (1 + Math.abs(expected)), `${actual} is not ${expected}`);

describe('the problem of a benchmark', () => {
  let folder: string;
  before(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'credence-bench-test-'))));
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const name of configNames) {
    it(`${name} is the same for Credence and for the peers`, () => {
      const config = configs[name];
      const place = path.join(folder, name);
      writeProblem(place, config);

      const { x, y } = makeData(config);
      const { data } = readProblem(place);
      assert.deepEqual([...data.x.shape, ...data.y.shape], [...x.shape, ...y.shape]);
      assert.deepEqual([data.x, data.y], [x, y]);

      const text = execFileSync(pythonExecutable(), ['-c', program, place], {
        encoding: 'utf8',
        env: {
          ...process.env,
          PYTHONDONTWRITEBYTECODE: '1',
          PYTHONPATH: path.join(packageRoot, 'bench', 'peers'),
        },
      });
      const seen = JSON.parse(text) as Seen;
      assert.deepEqual(seen.x, [4, config.batch, ...config.inputShape]);
      assert.deepEqual(seen.y, [4, config.batch, ...y.shape.slice(1)]);
      near(seen.sums[0], sum(x));
      near(seen.sums[1], sum(y));

      const { parameters, outputShape } = modelOf(config).build(config.inputShape);
      assert.deepEqual(outputShape, [config.outputs]);
      const size = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);
      const byNumber = (a: readonly number[], b: readonly number[]): number => a[0]! - b[0]! || a[1]! - b[1]!;
      const ours = parameters.filter(({ bayesian }) => bayesian);
      assert.deepEqual(
        ours.map(({ shape, fanIn }) => [size(shape), fanIn]).sort(byNumber),
        seen.bayesian.sort(byNumber),
      );
      assert.deepEqual(
        parameters.filter(({ bayesian }) => !bayesian).map(({ shape }) => size(shape)),
        seen.fixed,
      );
    });
  }
});
