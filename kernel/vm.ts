import Module from 'node:module';
import vm from 'node:vm';

/**
 * tslab runs cells with `breakOnSigint`, for which Node takes the signal away from all other listeners, and does not
 * give it back to those of other threads. Here the watchdog ends loops. Must be imported before tslab is.
 */
const forTslab = { ...vm, runInThisContext: (code: string): unknown => vm.runInThisContext(code) };

type Load = (request: string, ...rest: unknown[]) => unknown;

const loader = Module as unknown as { _load: Load };
const load = loader._load;
loader._load = function (this: unknown, request, ...rest) {
  return request === 'vm' ? forTslab : load.call(this, request, ...rest);
};
try {
  Module.createRequire(__filename)('tslab/dist/executor');
} finally {
  loader._load = load;
}
