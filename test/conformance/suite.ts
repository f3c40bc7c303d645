/**
 * Runs tfjs-core's own public test suite on our backend, in a process of its own: it prints what fails, then `N passed, N failed`.
 *
 * The published suite is ECMAScript modules without file extensions, written for a bundler: a loader hook finds them. tfjs-core must be
 * there once, so CommonJS gets these modules in place of its bundle.
 */
import Module, { createRequire, register } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { exceptions } from './exceptions';

/** The part of Jasmine's API that is used here. */
interface Jasmine {
  installGlobals(): void;
  jasmine: {
    getEnv(): {
      configure(options: object): void;
      addReporter(reporter: { specDone(result: SpecResult): void }): void;
      execute(): Promise<{ overallStatus: string; incompleteReason?: string }>;
    };
  };
}
interface SpecResult {
  status: 'passed' | 'failed' | 'excluded' | 'pending';
  fullName: string;
  failedExpectations: { message: string }[];
}

const fromHere = createRequire(__filename);
const main = fromHere.resolve('@tensorflow/tfjs-core');
const dist = path.dirname(main);

type Resolved = Promise<{ url: string; format?: string; shortCircuit?: boolean }>;

/** A loader hook. It runs in a thread of its own, so it refers to nothing outside. */
async function resolve(
  specifier: string,
  context: { parentURL?: string },
  next: (specifier: string, context: object) => Resolved,
): Resolved {
  const folder = '/@tensorflow/tfjs-core/dist/';
  const format = 'module';
  if (!context.parentURL?.includes(folder)) {
    const found = await next(specifier, context);
    return found.url.includes(folder) && !found.url.endsWith('.node.js') ? { ...found, format } : found;
  }
  if (specifier === 'seedrandom') {
    // CommonJS, whose members are not seen as exports
    const source = `const it = require('seedrandom'); export default it; export const alea = it.alea;`;
    return { url: `data:text/javascript,${source}`, format, shortCircuit: true };
  }
  if (!/^\.{1,2}(\/|$)/.test(specifier) || specifier.endsWith('.js')) return next(specifier, context);
  try {
    return { ...(await next(`${specifier}.js`, context)), format };
  } catch {
    return { ...(await next(`${specifier}/index.js`, context)), format };
  }
}

const load = <T>(file: string): Promise<T> => import(pathToFileURL(path.join(dist, file)).href) as Promise<T>;

/** Makes the modules of tfjs-core what CommonJS gets from `require('@tensorflow/tfjs-core')`. */
async function loadCore(): Promise<void> {
  const core = await load<{ KernelBackend: { prototype: object } }>('index.js');
  // tfjs-node is compiled to functions, which cannot call the constructor of a class
  const KernelBackend = function () {
    // it has no fields
  };
  KernelBackend.prototype = core.KernelBackend.prototype;
  const bundle = new Module(main);
  bundle.exports = { ...core, KernelBackend };
  bundle.loaded = true;
  fromHere.cache[main] = bundle;
  await load('public/chained_ops/register_all_chained_ops.js');
  await load('register_all_gradients.js');
}

async function run(): Promise<number> {
  const { installGlobals, jasmine } = createRequire(fromHere.resolve('jasmine'))('jasmine-core') as Jasmine;
  installGlobals();
  // tfjs-core asks for parts of Node, and for a file of Jasmine that is no longer public
  const require = (name: string): unknown =>
    name.startsWith('jasmine-core') ? { core: () => jasmine } : (fromHere(name) as unknown);
  Object.assign(globalThis, { require: Object.assign(require, { resolve: fromHere.resolve }) });

  register(`data:text/javascript,export ${encodeURIComponent(String(resolve))}`);
  await loadCore();
  const { tensorflow } = await import('../../lib/engine/tfjs/tensorflow.js');
  const { binding } = tensorflow();

  const environments = await load<{ setTestEnvs(list: object[]): void }>('jasmine_util.js');
  environments.setTestEnvs([
    { name: 'test-tensorflow', backendName: 'tensorflow', flags: {}, isDataSync: true },
  ]);
  const wanted = new RegExp(process.argv[2] ?? '');
  const unused = new Set(exceptions);
  const counts = { passed: 0, failed: 0, excluded: 0, pending: 0 };
  const environment = jasmine.getEnv();
  environment.configure({
    random: false,
    forbidDuplicateNames: false, // tfjs-core describes some things twice
    specFilter: (spec: { getFullName(): string }) => {
      const name = spec.getFullName();
      const exception = exceptions.find((each) => name.includes(each.name));
      if (exception) unused.delete(exception);
      return exception === undefined && wanted.test(name);
    },
  });
  environment.addReporter({
    specDone({ status, fullName, failedExpectations }) {
      counts[status]++;
      if (status !== 'failed') return;
      const reasons = failedExpectations.map(
        ({ message }) => `  ${message.split('\n').slice(0, 5).join('\n  ')}`,
      );
      process.stdout.write(`FAILED ${fullName}\n${reasons.join('\n')}\n`);
    },
  });
  await load('tests.js');
  const { overallStatus, incompleteReason } = await environment.execute();

  const tell = (line: string): void => void process.stdout.write(`${line}\n`);
  for (const { name } of unused) tell(`FAILED no spec is called '${name}': take it off the exceptions`);
  if (incompleteReason !== undefined && process.argv[2] === undefined)
    tell(`${overallStatus}: ${incompleteReason}`);
  tell(`on TensorFlow ${binding.TF_Version}; ${exceptions.length} exceptions, ${counts.pending} pending`);
  const failed = counts.failed + unused.size;
  tell(`${counts.passed} passed, ${failed} failed`);
  return failed === 0 && counts.passed > 0 ? 0 : 1;
}

void run().then((code) => process.exit(code));
