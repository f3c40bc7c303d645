import koffi from 'koffi';

/** What the driver knows of a GPU. */
export interface CudaDevice {
  model: string;
  computeCapability: string;
}

type Call<A extends unknown[]> = (...args: A) => number;

const NAME_BYTES = 128;
const MAJOR = 75; // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR
const MINOR = 76;

/** Asks the CUDA driver for its GPUs: none where there is no driver. */
function query(): CudaDevice[] {
  let driver;
  try {
    driver = koffi.load('libcuda.so.1');
  } catch {
    return [];
  }
  const initialise = driver.func('cuInit', 'int', ['uint32']) as Call<[flags: number]>;
  const count = driver.func('cuDeviceGetCount', 'int', ['void *']) as Call<[Int32Array]>;
  const name = driver.func('cuDeviceGetName', 'int', ['void *', 'int', 'int']) as Call<
    [Uint8Array, number, number]
  >;
  const attribute = driver.func('cuDeviceGetAttribute', 'int', ['void *', 'int', 'int']) as Call<
    [Int32Array, number, number]
  >;
  const number = new Int32Array(1);
  if (initialise(0) !== 0 || count(number) !== 0) return [];
  const ask = (what: number, device: number): number => {
    attribute(number, what, device);
    return number[0]!;
  };
  return Array.from({ length: number[0]! }, (_, device) => {
    const text = new Uint8Array(NAME_BYTES);
    name(text, NAME_BYTES, device);
    return {
      model: Buffer.from(text.subarray(0, text.indexOf(0))).toString(),
      computeCapability: `${ask(MAJOR, device)}.${ask(MINOR, device)}`,
    };
  });
}

let known: CudaDevice[] | undefined;

/**
 * The GPUs, in the order in which TensorFlow numbers them (both follow `CUDA_VISIBLE_DEVICES`). TensorFlow's C API does not tell
 * what they are; the driver does, and is there wherever TensorFlow has found a GPU.
 */
export function cudaDevices(): readonly CudaDevice[] {
  known ??= query();
  return known;
}
