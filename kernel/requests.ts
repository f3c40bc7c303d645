import * as v from 'valibot';
import { CredenceError } from '../lib/errors';

const record = v.record(v.string(), v.unknown());
const whole = v.pipe(v.number(), v.integer());

/** The contents of the requests that a front end may make, with the protocol's defaults. */
export const requests = {
  execute_request: v.object({
    code: v.string(),
    silent: v.optional(v.boolean(), false),
    store_history: v.optional(v.boolean(), true),
    user_expressions: v.optional(v.record(v.string(), v.string()), {}),
    allow_stdin: v.optional(v.boolean(), false),
    stop_on_error: v.optional(v.boolean(), true),
  }),
  complete_request: v.object({ code: v.string(), cursor_pos: whole }),
  inspect_request: v.object({
    code: v.string(),
    cursor_pos: whole,
    detail_level: v.optional(v.picklist([0, 1]), 0),
  }),
  is_complete_request: v.object({ code: v.string() }),
  history_request: v.object({
    hist_access_type: v.picklist(['tail', 'range', 'search']),
    output: v.optional(v.boolean(), false),
    raw: v.optional(v.boolean(), true),
    session: v.optional(whole, 0),
    start: v.optional(whole, 1),
    stop: v.nullish(whole),
    n: v.nullish(whole),
    pattern: v.nullish(v.string(), '*'),
    unique: v.optional(v.boolean(), false),
  }),
  comm_info_request: v.object({ target_name: v.nullish(v.string()) }),
  comm_open: v.object({ comm_id: v.string(), target_name: v.string(), data: v.optional(record, {}) }),
  comm_msg: v.object({ comm_id: v.string(), data: v.optional(record, {}) }),
  comm_close: v.object({ comm_id: v.string(), data: v.optional(record, {}) }),
} as const;

/** The content of a request of type `T`. */
export type Content<T extends keyof typeof requests> = v.InferOutput<(typeof requests)[T]>;

/**
 * Checks the content of a request.
 * @throws CredenceError E_KERNEL if it is not what the protocol says
 */
export function readContent<T extends keyof typeof requests>(type: T, content: unknown): Content<T> {
  const result = v.safeParse(requests[type], content);
  if (result.success) return result.output;
  const issue = result.issues[0];
  throw new CredenceError('E_KERNEL', `${type}: ${v.getDotPath(issue) ?? 'content'}: ${issue.message}`);
}
