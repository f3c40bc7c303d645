import { toBundle } from './bundle';
import type { Cell, Cells } from './cell';
import type { Displays } from './display';
import type { History } from './history';
import type { Interrupts } from './interrupt';
import type { IOPub } from './iopub';
import type { Link } from './link';
import type { Message } from './message';
import { type Content, readContent } from './requests';
import type { Outcome, Session } from './session';
import { type ErrorContent, formatDiagnostics, formatError, interruption } from './traceback';

/** What running cells needs. */
export interface Parts {
  link: Link;
  iopub: IOPub;
  cells: Cells;
  session: Session;
  displays: Displays;
  interrupts: Interrupts;
  history: History;
}

/** What a cell came to. */
type Result =
  { status: 'ok'; text: string | null; expressions: object } | { status: 'error'; error: ErrorContent };

const brokenOff: Result = { status: 'error', error: interruption };

/** Runs cells one after another, in the order they came. */
export class Executions {
  private readonly queue: Message[] = [];
  private busy = false;
  private count = 0;
  private unnumbered = 0;

  constructor(private readonly parts: Parts) {}

  /** execute_request. */
  add(request: Message): void {
    this.queue.push(request);
    if (!this.busy) void this.work();
  }

  private async work(): Promise<void> {
    this.busy = true;
    for (let request = this.queue.shift(); request; request = this.queue.shift()) {
      this.parts.iopub.status(request.header, 'busy');
      try {
        await this.execute(request, readContent('execute_request', request.content));
      } catch (error) {
        // a wrong request, or an earlier display that cannot be redrawn
        this.reply(request, { status: 'error', ...formatError(error, this.parts.session.scripts) });
      }
    }
    this.busy = false;
  }

  /** One cell, from its request to its reply. */
  private async execute(request: Message, content: Content<'execute_request'>): Promise<void> {
    const { link, iopub, cells, displays, interrupts, history } = this.parts;
    const stored = content.store_history && !content.silent;
    if (stored) this.count++;
    const cell = this.createCell(request, content, stored);
    iopub.publish(cell, 'execute_input', { code: content.code, execution_count: this.count });
    displays.forget(cell.notebookCell);

    const { result = brokenOff, interrupted } = await cells.run(cell, async () => {
      const ending = await interrupts.during(() => this.evaluate(cell, content));
      displays.flush();
      return ending;
    });

    if (result.status === 'error') iopub.publish(cell, 'error', result.error);
    if (stored) history.add(this.count, content.code, result.status === 'ok' ? result.text : null);
    let abandoned: Message[] = [];
    if (interrupted || (result.status === 'error' && content.stop_on_error)) {
      // exactly those sent before: the front end has not heard of the error yet
      await link.fence();
      abandoned = this.queue.splice(0);
    }
    this.reply(
      request,
      result.status === 'ok'
        ? { status: 'ok', payload: [], user_expressions: result.expressions }
        : { status: 'error', ...result.error },
    );
    for (const each of abandoned) {
      iopub.status(each.header, 'busy');
      this.reply(each, { status: 'aborted' });
    }
  }

  private createCell(
    { header, identities, metadata }: Message,
    content: Content<'execute_request'>,
    stored: boolean,
  ): Cell {
    const { cellId } = metadata;
    return {
      name: stored ? `cell-${this.count}.ts` : `unnumbered-${++this.unnumbered}.ts`,
      parent: header,
      identities,
      notebookCell: typeof cellId === 'string' ? cellId : undefined,
      silent: content.silent,
      allowInput: content.allow_stdin,
    };
  }

  /** Runs the code, shows its value, and evaluates the expressions that the front end wants to know. */
  private async evaluate(cell: Cell, content: Content<'execute_request'>): Promise<Result> {
    const { session, displays } = this.parts;
    try {
      const outcome = await session.execute(content.code, cell.name);
      if (outcome.status !== 'ok') {
        return { status: 'error', error: this.explain(outcome, content.code, cell.name) };
      }
      const text = await displays.result(cell, this.count, outcome.value);
      await displays.finish(cell);
      const expressions = await this.evaluateExpressions(content.user_expressions);
      return { status: 'ok', text, expressions };
    } catch (error) {
      // a display method has thrown
      return { status: 'error', error: formatError(error, session.scripts) };
    }
  }

  private async evaluateExpressions(expressions: Record<string, string>): Promise<Record<string, object>> {
    const values: Record<string, object> = {};
    for (const [key, code] of Object.entries(expressions)) {
      values[key] = await this.evaluateExpression(code, `expression-${key}.ts`);
    }
    return values;
  }

  private async evaluateExpression(code: string, name: string): Promise<object> {
    const { session } = this.parts;
    try {
      const outcome = await session.execute(code, name);
      if (outcome.status !== 'ok') return { status: 'error', ...this.explain(outcome, code, name) };
      return { status: 'ok', data: await toBundle(outcome.value), metadata: {} };
    } catch (error) {
      return { status: 'error', ...formatError(error, session.scripts) };
    }
  }

  private explain(outcome: Exclude<Outcome, { status: 'ok' }>, code: string, name: string): ErrorContent {
    if (outcome.status === 'refused') return formatDiagnostics(outcome.diagnostics, code, name);
    return formatError(outcome.error, this.parts.session.scripts);
  }

  private reply({ header, identities }: Message, content: object): void {
    const { link, iopub } = this.parts;
    link.send('shell', identities, 'execute_reply', header, { ...content, execution_count: this.count });
    iopub.status(header, 'idle');
  }
}
