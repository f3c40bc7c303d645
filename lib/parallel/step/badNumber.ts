/** Where a number is not finite: in the vectors that a step began with, or only in those that it gave, for its gradient was not. */
export interface BadNumber {
  of: 'value' | 'gradient';
  /** Index of the vector, and of its element. */
  vector: number;
  element: number;
}

function badIn(vectors: readonly ArrayLike<number>[], of: BadNumber['of']): BadNumber | undefined {
  for (const [vector, values] of vectors.entries()) {
    for (let element = 0; element < values.length; element++) {
      if (!Number.isFinite(values[element])) return { of, vector, element };
    }
  }
  return undefined;
}

/** The first bad number of a step, by what it began with and what it gave; undefined if the loss alone was too large. */
export const findBadNumber = (
  before: readonly ArrayLike<number>[],
  after: readonly ArrayLike<number>[],
): BadNumber | undefined => badIn(before, 'value') ?? badIn(after, 'gradient');
