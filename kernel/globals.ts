import type { Cells } from './cell';
import type { Displays } from './display';
import type { Inputs } from './input';

/** The declarations of what every cell can use without an import. A cell may declare the same names otherwise. */
export const globalDeclarations = `
/**
 * Shows a value below the cell: by its [Symbol.for('Jupyter.display')]() or toMimeBundle() method, else as text.
 * @param id a later display with the same id redraws this one in place
 */
declare function display(value: unknown, id?: string): void;
/** Clears the output of the cell; with \`wait\` not before there is new output. */
declare function clearOutput(wait?: boolean): void;
/** Asks the person a question and waits for the answer. */
declare function input(prompt?: string, options?: { password?: boolean }): Promise<string>;
`;

/** The functions that {@link globalDeclarations} declares. */
export const createGlobals = (cells: Cells, displays: Displays, inputs: Inputs) => ({
  display: (value: unknown, id?: string): void => displays.display(value, id),
  clearOutput: (wait = false): void => {
    if (cells.current) displays.clear(cells.current, wait);
  },
  input: (prompt = '', { password = false }: { password?: boolean } = {}): Promise<string> =>
    inputs.ask(cells.current, prompt, password),
});
