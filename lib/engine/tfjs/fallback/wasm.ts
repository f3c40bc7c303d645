/** tfjs's WebAssembly backend, ready at once: its own set-up is asynchronous, which functions that return values cannot await. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import wasmFactory from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.js';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm/dist/backend_wasm';
import { registerConvolutionGradient } from './convolutionGradient';
import { registerDelegates } from './delegates';
import { registerWasmBatchMatMul } from './wasmBatchMatMul';

type WasmModule = BackendWasm['wasm'];

/** The part of the language's WebAssembly that we use; TypeScript knows it in browsers only. */
interface WebAssemblyApi {
  Module: new (binary: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { exports: object };
}
const { Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;

/** The part of an Emscripten module that makes C functions callable. */
interface Emscripten {
  cwrap(name: string, returns: 'number' | null, parameters: 'number'[]): (...values: number[]) => never;
}

/** The package that holds the WebAssembly binaries. */
const folder = path.dirname(require.resolve('@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.js'));

/** Compiles the binary for processors with vector instructions, or that for all others. */
function compile(): object {
  const binary = (name: string): object => new Module(readFileSync(path.join(folder, name)));
  try {
    return binary('tfjs-backend-wasm-simd.wasm');
  } catch {
    return binary('tfjs-backend-wasm.wasm');
  }
}

/** Emscripten's module, instantiated in this call. */
function instantiate(): WasmModule {
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => process.rawListeners(event));
  const settings = {
    instantiateWasm(imports: object, receive: (instance: { exports: object }) => void): object {
      const instance = new Instance(compile(), imports);
      receive(instance);
      return instance.exports;
    },
  };
  void wasmFactory(settings); // fills in `settings`: that object is the module
  // Emscripten makes every unhandled rejection of the process fatal: errors are not its business
  events.forEach((event, i) => {
    for (const listener of process.rawListeners(event)) {
      if (!before[i]!.includes(listener)) process.removeListener(event, listener as () => void);
    }
  });
  const { cwrap } = settings as unknown as Emscripten;
  const tfjs = {
    init: cwrap('init', null, []),
    initWithThreadsCount: cwrap('init_with_threads_count', null, ['number']),
    getThreadsCount: cwrap('get_threads_count', 'number', []),
    registerTensor: cwrap('register_tensor', null, ['number', 'number', 'number']),
    disposeData: cwrap('dispose_data', null, ['number']),
    dispose: cwrap('dispose', null, []),
  };
  return Object.assign(settings as unknown as WasmModule, { tfjs });
}

/** Makes WebAssembly tfjs's backend, with the kernels that it lacks or has slow. */
export function installWasm(): 'wasm' {
  // only now: loading it announces a backend that would be chosen before it is ready
  const { BackendWasm } =
    require('@tensorflow/tfjs-backend-wasm') as typeof import('@tensorflow/tfjs-backend-wasm');
  const backend = new BackendWasm(instantiate());
  registerWasmBatchMatMul();
  registerConvolutionGradient();
  registerDelegates();
  tf.removeBackend('wasm');
  tf.registerBackend('wasm', () => backend, 3);
  void tf.setBackend('wasm'); // takes effect at once: the factory is synchronous
  return 'wasm';
}
