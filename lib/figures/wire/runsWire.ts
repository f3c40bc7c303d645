/**
 * The wire of the list of runs, a comm of its own: the front end opens it while it shows the list, and closes it when it does not.
 * Whatever is asked carries a number, which the answer repeats.
 */
import * as v from 'valibot';
import { type Parsed, parse, RUN_STATES, WIRE_VERSION } from './messages';

/** The comm target (kernel side) of the list of runs. */
export const RUNS_TARGET = 'credence.runs';

const count = v.pipe(v.number(), v.integer(), v.minValue(1));
const number = v.nullable(v.number());

/** A run in the list; what is not known is null. Times in seconds. */
const listedRun = v.object({
  id: v.string(),
  /** 'unreadable': its files are damaged. */
  state: v.picklist([...RUN_STATES, 'unreadable']),
  /** Whether this kernel trains it, so that it can be paused and stopped from here. */
  live: v.boolean(),
  started: v.pipe(v.string(), v.isoTimestamp()),
  elapsed: number,
  step: v.number(),
  steps: v.number(),
  loss: number,
  samples: number,
  workers: number,
  /** Why it failed, or cannot be read. */
  message: v.nullable(v.string()),
  /** Where each worker computes, and what its time went to; empty where that is not known. */
  devices: v.array(
    v.object({ name: v.string(), compute: v.number(), exchange: v.number(), wait: v.number() }),
  ),
});
export type ListedRun = v.InferOutput<typeof listedRun>;

/** A table to be read: a heading, and as many cells in each row. */
const table = v.object({ heading: v.array(v.string()), rows: v.array(v.array(v.string())) });
export type Table = v.InferOutput<typeof table>;

/** What the front end asks. 'watch' has no answer but lists: now, and whenever they change, at most every `every` milliseconds. */
const runsRequest = v.variant('type', [
  v.object({ type: v.literal('watch'), every: v.pipe(count, v.minValue(1000)), limit: count }),
  v.object({ type: v.literal('open'), question: count, run: v.string() }),
  v.object({
    type: v.literal('compare'),
    question: count,
    runs: v.pipe(v.array(v.string()), v.minLength(2)),
  }),
  v.object({ type: v.literal('resume'), question: count, run: v.string() }),
  v.object({ type: v.literal('remove'), question: count, run: v.string() }),
]);
export type RunsRequest = v.InferOutput<typeof runsRequest>;

/** The newest runs, of `total`; `trouble` says why the folder cannot be read. */
const runsList = v.object({
  type: v.literal('list'),
  wire: v.literal(WIRE_VERSION),
  runs: v.array(listedRun),
  total: v.number(),
  folder: v.string(),
  trouble: v.nullable(v.string()),
});
export type RunsList = v.InferOutput<typeof runsList>;

/** An answer; a view is checked by who draws it. */
const runsAnswer = v.variant('type', [
  v.object({ type: v.literal('view'), question: count, view: v.unknown() }),
  v.object({ type: v.literal('comparison'), question: count, table, view: v.unknown() }),
  v.object({ type: v.literal('resumed'), question: count, run: v.string() }),
  /** The run can only go on with what it was started with: code for the person to complete. */
  v.object({ type: v.literal('code'), question: count, code: v.string() }),
  v.object({ type: v.literal('removed'), question: count }),
  v.object({ type: v.literal('refused'), question: count, message: v.string() }),
]);
export type RunsAnswer = v.InferOutput<typeof runsAnswer>;

export const parseRunsRequest = (data: unknown): Parsed<RunsRequest> => parse(runsRequest, data);

/** Reads what the kernel says; never throws. A wrong version is named as such. */
export function parseRunsMessage(data: unknown): Parsed<RunsList | RunsAnswer> {
  const wire = (data as { wire?: unknown } | null)?.wire;
  if (wire !== undefined && wire !== WIRE_VERSION) {
    return {
      ok: false,
      reason: `the library speaks version ${JSON.stringify(wire).slice(0, 20)}, this extension version ${WIRE_VERSION}: install matching versions of credence and credence-lab`,
    };
  }
  return parse(v.variant('type', [runsList, ...runsAnswer.options]), data);
}
