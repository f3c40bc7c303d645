import * as v from 'valibot';
import { CredenceError } from './errors';

/** The name in `names` that looks most like `name`, if one is close enough to be a slip of the keyboard. */
export function closest(name: string, names: readonly string[]): string | undefined {
  const ranked = names.map((candidate) => ({ candidate, distance: editDistance(name, candidate) }));
  ranked.sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best && best.distance <= Math.max(2, name.length / 3) ? best.candidate : undefined;
}

/** Levenshtein distance, ignoring case. */
function editDistance(a: string, b: string): number {
  const [s, t] = [a.toLowerCase(), b.toLowerCase()];
  let row = Array.from({ length: t.length + 1 }, (_, j) => j);
  for (let i = 1; i <= s.length; i++) {
    const next = [i];
    for (let j = 1; j <= t.length; j++) {
      const substitution = row[j - 1]! + (s[i - 1] === t[j - 1] ? 0 : 1);
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, substitution);
    }
    row = next;
  }
  return row[t.length]!;
}

/** A short rendering of any value for an error message. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return 'a function';
  if (ArrayBuffer.isView(value)) return `a ${value.constructor.name}`;
  if (Array.isArray(value)) return value.length > 6 ? `an array of ${value.length}` : JSON.stringify(value);
  if (typeof value === 'object' && value !== null) return `an object`;
  return String(value);
}

/** A misspelt option is named before anything else: it is also why another one seems to be missing. */
function refuseUnknown(schema: v.GenericSchema, value: unknown, what: string): void {
  if (schema.type !== 'strict_object' || typeof value !== 'object' || value === null) return;
  const known = Object.keys((schema as unknown as { entries: object }).entries);
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  const hint = closest(unknown, known);
  throw new CredenceError(
    'E_OPTION',
    `${what}: unknown option '${unknown}'. ${hint ? `Did you mean '${hint}'? ` : ''}Options: ${known.join(', ')}`,
  );
}

/**
 * Checks what a person passed at the edge of the library and fills in defaults.
 * @param what the call, as the person wrote it: 'fit', 'layers.dense'
 * @throws CredenceError E_OPTION, one message: the option, the rule, what it got
 */
export function validate<T>(schema: v.GenericSchema<unknown, T>, value: unknown, what: string): T {
  refuseUnknown(schema, value, what);
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const issue = result.issues[0];
  const path = v.getDotPath(issue);
  const subject = path === null ? `${what}:` : `${what}: option '${path}'`;
  const isObject = issue.type.endsWith('object');
  if (isObject && path !== null && issue.input === undefined) {
    throw new CredenceError('E_OPTION', `${subject} is missing`);
  }
  const input = issue.input === undefined ? 'is missing' : `got ${describe(issue.input)}`;
  const expected = isObject ? 'an object of options' : issue.expected;
  const rule =
    issue.type === 'custom' || issue.message.startsWith('must') ? issue.message : `must be ${expected}`;
  throw new CredenceError('E_OPTION', `${subject} ${rule}, ${input}`);
}

/** A whole number of at least `least`. */
export const count = (least: number) =>
  v.pipe(
    v.number(`must be a whole number of at least ${least}`),
    v.integer(`must be a whole number of at least ${least}`),
    v.minValue(least, `must be a whole number of at least ${least}`),
  );

/** A finite number above zero. */
export const positive = () =>
  v.pipe(
    v.number('must be a number above 0'),
    v.finite('must be finite'),
    v.gtValue(0, 'must be a number above 0'),
  );

/** A finite number of at least zero. */
export const nonNegative = () =>
  v.pipe(
    v.number('must be a number of at least 0'),
    v.finite('must be finite'),
    v.minValue(0, 'must be at least 0'),
  );

const shareRule = 'must be a number of at least 0 and below 1';

/** A part of a whole that is not all of it: a number of at least zero and below one. */
export const share = () => v.pipe(v.number(shareRule), v.minValue(0, shareRule), v.ltValue(1, shareRule));

/** A function, of whatever arguments. */
export const callable = (): v.GenericSchema<unknown> => v.function('must be a function of tensors');
