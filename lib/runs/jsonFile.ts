/** Small files of JSON that a person may read, and may have edited. */
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { CredenceError } from '../errors';
import { writeAtomically } from './atomically';

/** @throws CredenceError E_FILE, as `writeAtomically` */
export const writeJson = (file: string, value: object): Promise<void> =>
  writeAtomically(file, [Buffer.from(`${JSON.stringify(value, null, 2)}\n`)]);

/** @throws CredenceError E_FILE if it is missing or damaged */
export function readJson<T>(file: string, schema: v.GenericSchema<unknown, T>): T {
  try {
    const result = v.safeParse(schema, JSON.parse(readFileSync(file, 'utf8')), { abortEarly: true });
    if (result.success) return result.output;
    const issue = result.issues[0];
    throw new Error(`${v.getDotPath(issue) ?? 'its content'}: ${issue.message}`);
  } catch (cause) {
    throw new CredenceError('E_FILE', `${file} cannot be used: ${(cause as Error).message}`, { cause });
  }
}
