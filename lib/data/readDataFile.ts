import { readFile } from 'node:fs/promises';
import { CredenceError } from '../errors';

/**
 * Reads a data file. Whatever is wrong with it, missing or damaged, becomes one error.
 * @param remedy what the person should do then: a sentence
 * @throws CredenceError E_FILE
 */
export async function readDataFile<T>(
  file: string,
  parse: (content: Buffer) => T | Promise<T>,
  remedy: string,
): Promise<T> {
  try {
    return await parse(await readFile(file));
  } catch (cause) {
    throw new CredenceError('E_FILE', `${file} cannot be used: ${(cause as Error).message}. ${remedy}`, {
      cause,
    });
  }
}
