/**
 * How one JSON value differs from another, made for lists that grow at their end: what a live figure sends of itself.
 *
 * ```
 *   before  { title: 'loss', y: [3, 2, 1] }       patch  { in: { y: { keep: 3, add: [0.5] } } }
 *   after   { title: 'loss', y: [3, 2, 1, 0.5] }
 * ```
 */
import * as v from 'valibot';

/** What became of a value. */
export type Patch =
  /** Another value. */
  | { is: unknown }
  /** An object: members that changed or are new, and those that are gone. */
  | { in: Readonly<Record<string, Patch>>; out?: readonly string[] | undefined }
  /** A list: so many elements stay, some of them changed, and others follow. */
  | {
      keep: number;
      in?: Readonly<Record<string, Patch>> | undefined;
      add?: readonly unknown[] | undefined;
    };

const members: v.GenericSchema<unknown, Record<string, Patch>> = v.record(
  v.string(),
  v.lazy(() => patch),
);

export const patch: v.GenericSchema<unknown, Patch> = v.union([
  v.strictObject({ is: v.unknown() }),
  v.strictObject({ in: members, out: v.optional(v.array(v.string())) }),
  v.strictObject({
    keep: v.pipe(v.number(), v.integer(), v.minValue(0)),
    in: v.optional(members),
    add: v.optional(v.array(v.unknown())),
  }),
]);

type Members = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The members that JSON keeps: one that is undefined is none. */
const names = (value: Members): string[] => Object.keys(value).filter((name) => value[name] !== undefined);

/** What turns `before` into `after`, or undefined if they are the same. */
export function diff(before: unknown, after: unknown): Patch | undefined {
  if (Object.is(before, after)) return undefined;
  if (Array.isArray(before) && Array.isArray(after)) return diffLists(before, after);
  if (isObject(before) && isObject(after)) return diffObjects(before, after);
  return { is: after };
}

/** Elements that are objects are compared one by one; of plain values only those up to the first difference stay. */
function diffLists(before: readonly unknown[], after: readonly unknown[]): Patch | undefined {
  const common = Math.min(before.length, after.length);
  const changed: [string, Patch][] = [];
  let keep = 0;
  for (; keep < common; keep++) {
    const change = diff(before[keep], after[keep]);
    if (!change) continue;
    if ('is' in change) break;
    changed.push([String(keep), change]);
  }
  if (keep === before.length && keep === after.length && changed.length === 0) return undefined;
  return {
    keep,
    ...(changed.length > 0 && { in: Object.fromEntries(changed) }),
    ...(keep < after.length && { add: after.slice(keep) }),
  };
}

function diffObjects(before: Members, after: Members): Patch | undefined {
  const changed: [string, Patch][] = [];
  for (const name of names(after)) {
    const change = Object.hasOwn(before, name) ? diff(before[name], after[name]) : { is: after[name] };
    if (change) changed.push([name, change]);
  }
  const out = names(before).filter((name) => !Object.hasOwn(after, name) || after[name] === undefined);
  if (changed.length === 0 && out.length === 0) return undefined;
  return { in: Object.fromEntries(changed), ...(out.length > 0 && { out }) };
}

/** A patch that is for another value than the one it met. */
export class MisfitError extends Error {}

/**
 * The value that a patch turns `before` into; `before` stays as it is, and what did not change is shared with it.
 * @throws MisfitError if the patch is for another value
 */
export function apply(before: unknown, change: Patch): unknown {
  if ('is' in change) return change.is;
  if ('keep' in change) return applyToList(before, change);
  if (!isObject(before)) throw new MisfitError('a change of members met no object');
  const gone = new Set(change.out);
  const kept = Object.entries(before).filter(([name]) => !gone.has(name));
  // fromEntries makes own members of all names, also of __proto__
  return Object.fromEntries([...kept, ...changedMembers(before, change.in)]);
}

function applyToList(before: unknown, change: Extract<Patch, { keep: number }>): unknown[] {
  if (!Array.isArray(before) || before.length < change.keep) {
    throw new MisfitError(`a list of at least ${change.keep} elements was expected`);
  }
  const list: unknown[] = before.slice(0, change.keep);
  for (const [index, value] of changedMembers(list, change.in ?? {})) {
    if (!Object.hasOwn(list, Number(index))) throw new MisfitError(`there is no element ${index}`);
    list[Number(index)] = value;
  }
  return list.concat(change.add ?? []);
}

/** The changed members with their new values. */
const changedMembers = (before: object, changes: Readonly<Record<string, Patch>>): [string, unknown][] =>
  Object.entries(changes).map(([name, change]) => [
    name,
    apply(Object.hasOwn(before, name) ? (before as Members)[name] : undefined, change),
  ]);
