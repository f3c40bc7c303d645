import { Flag, Script } from './channel';
import { takeOutside } from './outside';
import { Scripts } from './scripts';
import {
  type CompletionInfo,
  type Converter,
  type ConvertResult,
  createExecutor,
  createNodeConverter,
  type Diagnostic,
  type Executor,
  isCompleteCode,
  printQuickInfo,
  toCommonJS,
} from './tslab';
import { awaitsAtTop, syntaxErrors, takeMaps, withoutExports } from './typescript';

/** How the run of a piece of code ended. */
export type Outcome =
  | { status: 'ok'; value: unknown }
  /** TypeScript refused it; nothing ran. */
  | { status: 'refused'; diagnostics: Diagnostic[] }
  | { status: 'thrown'; error: unknown };

/** Whether code is complete, as is_complete_reply wants it. */
export interface Completeness {
  status: 'complete' | 'incomplete' | 'invalid';
  indent?: string;
}

/** "Unterminated template literal": more may follow. */
const UNTERMINATED_TEMPLATE = 1160;

interface Run {
  name: string;
  failure: Outcome | undefined;
  /** Where the script stores the value of its last expression. */
  valueName: string | undefined;
}

/** The state of a notebook: what its cells have declared, and the compiler that knows it. */
export class Session {
  readonly scripts = new Scripts();
  private readonly converter: Converter;
  private readonly executor: Executor;
  private run: Run = { name: 'start.ts', failure: undefined, valueName: undefined };

  /**
   * @param folder where the notebook lies; imports are resolved from there
   * @param flags see Flag; says when the compiler must not be interrupted
   * @param declarations of the names in `globals`, which cells may use and redeclare
   */
  constructor(
    readonly folder: string,
    private readonly flags: Int32Array,
    private declarations: string,
    globals: Record<string, unknown>,
  ) {
    this.converter = this.compile(createNodeConverter);
    const node: Converter = {
      // tslab forgets the names of a cell that fails or is interrupted; we hand it our own declarations instead
      convert: (_, code) => this.convert(code),
      inspect: (_, code, offset) =>
        this.compile(() => this.converter.inspect(this.declarations, code, offset)),
      complete: (_, code, offset) =>
        this.compile(() => this.converter.complete(this.declarations, code, offset)),
      addModule: (name, code, metadata) => {
        this.refuse(this.compile(() => this.converter.addModule(name, code, metadata)));
        return [];
      },
      close: () => this.converter.close(),
    };
    const converters = { node, browser: node, close: () => node.close() };
    this.executor = createExecutor(folder, converters, {
      log: () => undefined,
      error: (error: unknown) => (this.run.failure ??= { status: 'thrown', error }),
    });
    Object.assign(this.executor.locals, globals);
  }

  /**
   * Compiles and runs code. Names that it declares stay declared even if it fails or is interrupted; those that were
   * not reached are undefined.
   * @param name of the script in tracebacks
   */
  async execute(code: string, name: string): Promise<Outcome> {
    const run: Run = (this.run = { name, failure: undefined, valueName: undefined });
    try {
      const waiting = this.executor.execute(code);
      const script = Atomics.compareExchange(this.flags, Flag.Script, Script.Running, Script.Away);
      while (script === Script.Doomed); // until the blow falls
      await waiting;
    } catch (error) {
      // tslab throws for an import from outside of the notebook's folder
      run.failure ??= { status: 'thrown', error };
    }
    if (run.failure) return run.failure;
    return { status: 'ok', value: run.valueName === undefined ? undefined : this.take(run.valueName) };
  }

  /** Ends the wait of the code that runs. Code that it waited for is not stopped by this. */
  interrupt(): void {
    this.executor.interrupt();
  }

  complete(code: string, offset: number): CompletionInfo {
    return this.executor.complete(code, offset);
  }

  /** The signature and documentation of what stands at the offset, if anything does. */
  inspect(code: string, offset: number): string | undefined {
    // undefined where nothing stands, though tslab's types do not say so
    const info = this.executor.inspect(code, offset) as ReturnType<Executor['inspect']> | undefined;
    return info && printQuickInfo(info);
  }

  isComplete(code: string): Completeness {
    const { completed, indent } = isCompleteCode(code);
    if (!completed) return { status: 'incomplete', indent: indent ?? '' };
    const errors = syntaxErrors(code);
    if (errors.some((error) => error.code === UNTERMINATED_TEMPLATE)) {
      return { status: 'incomplete', indent: '' };
    }
    return { status: errors.length > 0 ? 'invalid' : 'complete' };
  }

  private convert(code: string): ConvertResult {
    const { name } = this.run;
    const result = this.compile(() => this.converter.convert(this.declarations, withoutExports(code)));
    const outside = takeOutside().map(({ path, data }) => ({ path, data: toCommonJS(data) }));
    const sideOutputs = [...(result.sideOutputs ?? []), ...outside];
    for (const { path, data } of sideOutputs) this.remember(path, data);
    this.refuse(result.diagnostics);
    if (result.diagnostics.length > 0) return { diagnostics: [] };
    this.declarations = result.declOutput ?? '';
    this.run.valueName = result.lastExpressionVar;
    const script = result.output ?? '';
    this.remember(name, script);
    Atomics.store(this.flags, Flag.Script, Script.Running);
    return {
      ...result,
      sideOutputs,
      output: `${script}\n//# sourceURL=${name}`,
      // tslab does not see a cell's only await in `await (...)`, `for await` and the like
      hasToplevelAwait: result.hasToplevelAwait === true || awaitsAtTop(script),
      // the value is fetched here: tslab passes over null
      lastExpressionVar: undefined,
    };
  }

  private refuse(diagnostics: Diagnostic[]): void {
    if (diagnostics.length > 0) this.run.failure = { status: 'refused', diagnostics };
  }

  private remember(name: string, script: string): void {
    const maps = takeMaps(script);
    if (maps) this.scripts.remember(name, script, maps);
  }

  private take(name: string): unknown {
    const value: unknown = this.executor.locals[name];
    delete this.executor.locals[name];
    return value;
  }

  /** Work of the compiler, whose state an interrupt must not tear. */
  private compile<T>(work: () => T): T {
    Atomics.store(this.flags, Flag.Compiling, 1);
    try {
      return work();
    } finally {
      Atomics.store(this.flags, Flag.Compiling, 0);
    }
  }
}
