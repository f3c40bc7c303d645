import type { NdArray, TypedArray } from '../ndarray';
import { parseNpy } from './npy';
import { CHECK_FILE, filePath, readDataFile } from './readDataFile';

const ENDING = '.npy';

/** @throws Error that names the array that cannot be read */
async function parse(content: Buffer): Promise<Record<string, NdArray<TypedArray>>> {
  const { unzipSync } = await import('fflate');
  const files = unzipSync(content, { filter: ({ name }) => name.endsWith(ENDING) });
  return Object.fromEntries(
    Object.entries(files).map(([file, bytes]) => {
      const name = file.slice(0, -ENDING.length);
      try {
        return [name, parseNpy(bytes)];
      } catch (cause) {
        throw new Error(`array '${name}': ${(cause as Error).message}`, { cause });
      }
    }),
  );
}

/**
 * Reads the arrays that NumPy has saved together (`numpy.savez`, `numpy.savez_compressed`).
 * @returns by name, each as `data.npy` reads it
 * @throws CredenceError E_FILE if it is missing or damaged, or an array is not of real numbers
 */
export async function npz(file: string): Promise<Record<string, NdArray<TypedArray>>> {
  return readDataFile(filePath(file, 'data.npz'), parse, CHECK_FILE);
}
