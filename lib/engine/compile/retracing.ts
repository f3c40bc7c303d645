import type { TensorSpec } from './trace';

/** Compiling for more lists of shapes than this is a mistake more often than not. */
const MANY = 8;
/** So many shapes of an argument are named. */
const NAMED = 4;

const format = ({ dtype, shape }: TensorSpec): string => `${dtype}[${shape.join()}]`;

/** The shapes that one function was compiled for: says once, on standard error, if there are many. */
export class Retracing {
  private readonly seen = new Map<string, readonly string[]>();
  private warned = false;

  constructor(private readonly title: string) {}

  add(specs: readonly TensorSpec[]): void {
    const formats = specs.map(format);
    this.seen.set(formats.join(), formats);
    if (this.warned || this.seen.size <= MANY) return;
    this.warned = true;
    process.stderr.write(
      `credence: jit has compiled ${this.title} for ${this.seen.size} lists of shapes, and each takes time and memory. ${this.changes()} Keep shapes the same: fix the batch size, or pad the last batch and mask what was added\n`,
    );
  }

  /** The arguments that keep changing. */
  private changes(): string {
    const lists = [...this.seen.values()];
    const longest = Math.max(...lists.map(({ length }) => length));
    const changing = Array.from({ length: longest }, (_, i) => [...new Set(lists.map((list) => list[i]))])
      .map((shapes, i) => ({ shapes: shapes.filter((shape) => shape !== undefined), i }))
      .filter(({ shapes }) => shapes.length > 1)
      .map(({ shapes, i }) => {
        const named = shapes.slice(0, NAMED).join(', ');
        return `Argument ${i + 1} was ${named}${shapes.length > NAMED ? ', ...' : ''}.`;
      });
    return changing.length > 0 ? changing.join(' ') : 'The number of arguments changes.';
  }
}
