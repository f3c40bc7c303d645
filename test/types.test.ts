import assert from 'node:assert/strict';
import path from 'node:path';
import ts from '@tslab/typescript-for-tslab';
import { packageRoot } from '../lib/environment';
import { libFolder } from './child';

/** What a person types, as a file beside the project's packages. */
const CONSUMER = path.join(packageRoot, 'consumer.ts');

/** As tslab compiles a cell, but strictly, and with the declarations checked too. */
const settings: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.CommonJS,
  moduleResolution: ts.ModuleResolutionKind.Node10,
  lib: ['lib.es2022.d.ts'],
  types: ['node'],
  strict: true,
  esModuleInterop: true,
  noEmit: true,
  skipLibCheck: false,
};

/** The errors of some source text and of our own declarations, and the types of its top-level names. */
function compile(source: string): { errors: string[]; types: Record<string, string> } {
  const text = `import * as credence from ${JSON.stringify(libFolder)};\n${source}`;
  const host = ts.createCompilerHost(settings);
  const { getSourceFile, fileExists } = host;
  const file = ts.createSourceFile(CONSUMER, text, ts.ScriptTarget.ES2022, true);
  host.fileExists = (name) => name === CONSUMER || fileExists.call(host, name);
  host.getSourceFile = (name, ...rest) =>
    name === CONSUMER ? file : getSourceFile.call(host, name, ...rest);
  const program = ts.createProgram([CONSUMER], settings, host);
  const ours = program.getSourceFiles().filter(({ fileName }) => !fileName.includes('/node_modules/'));
  const diagnostics = ours.flatMap((each) => ts.getPreEmitDiagnostics(program, each));
  const checker = program.getTypeChecker();
  const types: Record<string, string> = {};
  ts.forEachChild(file, (node) => {
    if (!ts.isVariableStatement(node)) return;
    for (const { name } of node.declarationList.declarations) {
      types[name.getText()] = checker.typeToString(
        checker.getTypeAtLocation(name),
        undefined,
        ts.TypeFormatFlags.NoTruncation,
      );
    }
  });
  const errors = diagnostics.map(
    ({ file, start = 0, messageText }) =>
      `${file ? `${path.basename(file.fileName)}:${file.getLineAndCharacterOfPosition(start).line + 1} ` : ''}${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
  );
  return { errors, types };
}

const SOURCE = `
const { adam, data, fit, jit, layers, likelihoods, metrics, priors, sequential, show, vi } = credence;
const model = sequential([layers.flatten(), layers.dense({ units: 64, activation: 'relu' }), layers.dense({ units: 10 })]);
const x = credence.ndarray(new Float32Array(4), [2, 2]);
const labels = Int32Array.of(0, 1);

const run = fit(model, { x, y: labels }, {
  method: vi({ samples: 8, prior: priors.normal(0, 1), estimator: 'weights' }),
  likelihood: likelihoods.categorical(),
  optimizer: adam(1e-3), epochs: 30, batchSize: 128, seed: 1, devices: 'all', strategy: 'sample',
  validation: { x: [[1, 2]], y: [1] },
});
const posterior = run.done.then((each) => each);
const classified = run.posterior.predict(x, { samples: 64 });
const probabilities = classified.mean;
const epistemic = classified.epistemic;
const shape = classified.mean.shape;
const calibration = metrics.ece(classified.mean, labels);
const picture = show.reliability(classified, labels);

const curve = fit(model, { x, y: [1, 2] }, { likelihood: likelihoods.gaussian({ noise: 'predicted' }) });
const predicted = curve.posterior.predict(x);
const mean = predicted.mean;
const quantile = predicted.quantile(0.9);
const last = credence.lastRun();
const digits = data.digits();

// @ts-expect-error a misspelt option
layers.dense({ units: 3, activaton: 'relu' });
// @ts-expect-error an activation that there is not
layers.dense({ units: 3, activation: 'rely' });
// @ts-expect-error an option is missing
layers.dense({ activation: 'relu' });
// @ts-expect-error a misspelt option
fit(model, { x, y: labels }, { likelihood: likelihoods.categorical(), epocs: 3 });
// @ts-expect-error the likelihood is missing
fit(model, { x, y: labels }, {});
// @ts-expect-error a likelihood that is not called
fit(model, { x, y: labels }, { likelihood: likelihoods.categorical });
// @ts-expect-error an estimator that there is not
vi({ estimator: 'globl' });
// @ts-expect-error a classification has no quantiles
classified.quantile(0.9);
`;

describe("types: the declarations, read by tslab's TypeScript 5.0", () => {
  const { errors, types } = compile(SOURCE);

  it('is that version', () => assert.match(ts.version, /^5\.0\./));

  it('have no error, and refuse what is wrong', () => assert.deepEqual(errors, []));

  it('say what things are: nothing is any', () => {
    for (const [name, type] of Object.entries(types))
      assert.doesNotMatch(type, /\bany\b/, `${name}: ${type}`);
    assert.equal(types['probabilities'], 'NdArray');
    assert.match(types['mean']!, /^NdArray/);
    assert.match(types['epistemic']!, /^NdArray<Float64Array>$/);
    assert.match(types['shape']!, /^(Shape|readonly number\[\])$/);
    assert.match(types['quantile']!, /^NdArray<Float64Array>$/);
    assert.equal(types['calibration'], 'number');
    assert.equal(types['picture'], 'Picture');
    assert.equal(types['posterior'], 'Promise<Posterior<"classification">>');
    assert.match(types['run']!, /Run<"classification"> & Live/);
    assert.match(types['digits']!, /^Promise</);
  });
});
