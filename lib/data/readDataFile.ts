import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { CredenceError } from '../errors';
import { validate } from '../validate';

/** What a person should do about a file of their own that cannot be used. */
export const CHECK_FILE = 'Check the path, or get or write the file anew';

const schema = v.pipe(v.string('must be the path of a file'), v.nonEmpty('must be the path of a file'));

/** @param call as the person wrote it: 'data.npy' @throws CredenceError E_OPTION unless this is a path */
export const filePath = (file: string, call: string): string => validate(schema, file, call);

/**
 * Whatever is wrong with a file, missing or damaged, as one error; what is one already stays as it is.
 * @param remedy what the person should do then: a sentence
 */
export const fileError = (file: string, cause: unknown, remedy: string): CredenceError =>
  cause instanceof CredenceError
    ? cause
    : new CredenceError('E_FILE', `${file} cannot be used: ${(cause as Error).message}. ${remedy}`, {
        cause,
      });

/**
 * Reads a data file.
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
    throw fileError(file, cause, remedy);
  }
}
