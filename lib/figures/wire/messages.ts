/**
 * The wire between library and front end: the one place that says what a view is. A view travels as JSON under
 * the MIME type below, in `display_data` and `update_display_data`, and is saved in notebooks, so old versions must stay readable.
 * The extension compiles this same file.
 */
import * as v from 'valibot';
import { patch } from './jsonPatch';
import { layout, trace } from './plotly';

export { MIME_TYPE } from './mimeType';

/** The comm target (kernel side) that the front end opens to control runs. */
export const COMM_TARGET = 'credence';

/** Version of the payload; a front end that meets another one says so instead of drawing. */
export const WIRE_VERSION = 1;

/** A Plotly figure, with what a screen reader and a plain-text front end need. All text in it is plain text. */
const figure = v.object({
  /** Shown above the figure. */
  title: v.string(),
  /** One sentence that says what is seen: alternative text, and the text/plain fallback. */
  description: v.string(),
  data: v.array(trace),
  layout,
  /** Of interest to those who ask for it only: what shows a view keeps it behind the other figures. */
  detail: v.optional(v.boolean()),
});
export type Figure = v.InferOutput<typeof figure>;

export const RUN_STATES = [
  'starting',
  'running',
  'paused',
  'stopping',
  'done',
  'stopped',
  'failed',
  /** The process that computed it is gone: only others can say so. */
  'interrupted',
] as const;
const runState = v.picklist(RUN_STATES);
export type RunState = v.InferOutput<typeof runState>;

/** Progress of one training run; times in seconds. */
const progress = v.object({
  id: v.string(),
  state: runState,
  step: v.number(),
  steps: v.number(),
  epoch: v.number(),
  epochs: v.number(),
  elapsed: v.number(),
  /** Seconds left at the present rate; null before the rate is known and after the end. */
  eta: v.nullable(v.number()),
  stepsPerSecond: v.nullable(v.number()),
  workers: v.number(),
  samples: v.number(),
  /** What to tell the person: why it failed, what is being compiled, ... */
  message: v.nullable(v.string()),
  /** Latest figures by name, in display order: loss, nll, kl, accuracy, ...; null where one is not finite (NaN in JSON). */
  metrics: v.record(v.string(), v.nullable(v.number())),
});
export type Progress = v.InferOutput<typeof progress>;

/** What is drawn: a figure alone, or a run with its figures. */
const view = v.variant('kind', [
  v.object({ version: v.literal(WIRE_VERSION), kind: v.literal('figure'), figures: v.array(figure) }),
  v.object({
    version: v.literal(WIRE_VERSION),
    kind: v.literal('run'),
    progress,
    figures: v.array(figure),
  }),
]);
export type View = v.InferOutput<typeof view>;

// Controls: what the front end asks of a run over the comm, and the answer.

const control = v.object({
  type: v.literal('control'),
  run: v.string(),
  /** 'finish' ends the run after the present epoch, 'stop' after the present step. */
  action: v.picklist(['pause', 'resume', 'finish', 'stop']),
});
export type Control = v.InferOutput<typeof control>;

/** The answer: whether the kernel knows the run. */
const reply = v.object({
  type: v.literal('reply'),
  run: v.string(),
  ok: v.boolean(),
  message: v.nullable(v.string()),
});
export type Reply = v.InferOutput<typeof reply>;

// Live views: a front end follows a run over the comm, and is sent a whole view and then what changes of it.

/**
 * Asks for a run's states. It is said again every so often, with the number of the latest state that has arrived, so that the
 * library knows that somebody is there; without a number it asks for a whole view, also where something went wrong.
 */
const follow = v.object({ type: v.literal('follow'), run: v.string(), have: v.nullable(v.number()) });
export type Follow = v.InferOutput<typeof follow>;

const leave = v.object({ type: v.literal('leave'), run: v.string() });
export type Leave = v.InferOutput<typeof leave>;

/** State number `sequence`, as a whole. The view is read by {@link parseView}, which knows about versions. */
const snapshot = v.object({
  type: v.literal('snapshot'),
  run: v.string(),
  sequence: v.number(),
  view: v.unknown(),
});
export type Snapshot = v.InferOutput<typeof snapshot>;

/** What makes state number `sequence` of the one before it. */
const change = v.object({ type: v.literal('change'), run: v.string(), sequence: v.number(), patch });
export type Change = v.InferOutput<typeof change>;

/** The kernel does not compute the run, and never did: what became of it, as far as is known. */
const gone = v.object({
  type: v.literal('gone'),
  run: v.string(),
  state: v.picklist(['done', 'stopped', 'failed', 'interrupted']),
  message: v.string(),
});
export type Gone = v.InferOutput<typeof gone>;

/** What a front end may say about runs, and what it may hear. */
const request = v.variant('type', [control, follow, leave]);
export type Request = v.InferOutput<typeof request>;
const news = v.variant('type', [reply, snapshot, change, gone]);
export type News = v.InferOutput<typeof news>;

export type Parsed<T> = { ok: true; value: T } | { ok: false; reason: string };

export function parse<T>(schema: v.GenericSchema<unknown, T>, data: unknown): Parsed<T> {
  const result = v.safeParse(schema, data);
  if (result.success) return { ok: true, value: result.output };
  const issue = result.issues[0];
  return { ok: false, reason: `${v.getDotPath(issue) ?? 'payload'}: ${issue.message}` };
}

/** Reads a view; never throws. A wrong version is named as such. */
export function parseView(data: unknown): Parsed<View> {
  const version = (data as { version?: unknown } | null)?.version;
  if (version !== undefined && version !== WIRE_VERSION) {
    return {
      ok: false,
      reason: `this view has version ${JSON.stringify(version).slice(0, 20)}, this extension reads version ${WIRE_VERSION}: install matching versions of credence and credence-lab`,
    };
  }
  return parse(view, data);
}

export const parseRequest = (data: unknown): Parsed<Request> => parse(request, data);
export const parseNews = (data: unknown): Parsed<News> => parse(news, data);
