import { type Callable, compiledFunction, operation } from './callable';
import { capi, type Pointer } from './capi';
import type { FunctionDefinition } from './functions';
import { opDef, signatureOf } from './opDef';
import type { Status } from './status';

/** What this thread knows of the operations and functions that a context can run. */
export class Callables {
  private readonly known = new Map<string, Callable>();

  constructor(
    private readonly context: Pointer,
    private readonly status: Status,
  ) {}

  /**
   * What is known of an operation, or of a function that was loaded.
   * @throws CredenceError E_ENGINE if there is none of this name
   */
  get(name: string): Callable {
    let known = this.known.get(name);
    if (known === undefined) this.known.set(name, (known = operation(name, opDef(name))));
    return known;
  }

  /** Makes functions known to the context, except for those that it knows already, from this thread or another. */
  load(definitions: readonly FunctionDefinition[]): void {
    const { context, known, status } = this;
    const c = capi();
    for (const { name, bytes } of definitions) {
      if (known.has(name)) continue;
      const called = compiledFunction(name, signatureOf(bytes));
      if (c.TFE_ContextHasFunction(context, called.pointer) === 0) {
        c.TFE_ContextAddFunctionDef(context, bytes, bytes.length, status.pointer);
        status.check(`the function ${name}`);
      }
      known.set(name, called);
    }
  }
}
