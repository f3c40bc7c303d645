import type { Travel } from './path';
import { DIVERGENT, energy, type Phase, type Transition, walk } from './phase';

/** A piece of a trajectory, in the direction in which it was made. */
interface Tree {
  first: Phase;
  last: Phase;
  /** Sum of the momenta of its points: where it leads. */
  sum: Float64Array;
  /** One of its points, drawn with probability proportional to exp(-energy), and the logarithm of the sum of these. */
  drawn: Phase;
  logWeight: number;
}

/** Two numbers' exponentials added up. */
const logAdd = (a: number, b: number): number => {
  const most = Math.max(a, b);
  return most === -Infinity ? most : most + Math.log(Math.exp(a - most) + Math.exp(b - most));
};

function added(a: Float64Array, b: Float64Array): Float64Array {
  const sum = new Float64Array(a.length);
  for (let i = 0; i < a.length; i++) sum[i] = a[i]! + b[i]!;
  return sum;
}

/**
 * An iteration of the No-U-Turn Sampler: the trajectory is doubled, forwards or backwards by chance, until it begins to turn back, and a
 * point of it is drawn with probability proportional to its density, later halves being preferred.
 *
 * Hoffman and Gelman, "The No-U-Turn Sampler", 2014; multinomial draws and the criterion by the sum of momenta: Betancourt, "A conceptual
 * introduction to Hamiltonian Monte Carlo", 2017, appendix A; the criterion is also asked across the seam of two halves, as in Stan.
 */
export function growTree(start: Phase, maxDepth: number, travel: Travel): Transition {
  const { landscape, stepSize, variances, uniform } = travel;
  const grower = new Grower(energy(start, variances), travel);
  let tree: Tree = { first: start, last: start, sum: start.p, drawn: start, logWeight: 0 };
  let forwards = true; // the direction that the tree is told in
  let depth = 0;
  while (depth < maxDepth) {
    const goForwards = uniform() > 0.5;
    if (goForwards !== forwards) tree = { ...tree, first: tree.last, last: tree.first };
    forwards = goForwards;
    const step = forwards ? stepSize : -stepSize;
    const more = grower.grow(depth, walk(tree.last, 2 ** depth, landscape, step, variances));
    if (!more) break;
    depth++;
    const takesNew = Math.log(uniform()) < more.logWeight - tree.logWeight;
    const turned = grower.turns(tree, more);
    tree = grower.join(tree, more, takesNew);
    if (turned) break;
  }
  const { acceptance, divergent, steps } = grower;
  return { to: tree.drawn, acceptance: acceptance / steps, divergent, steps, depth };
}

class Grower {
  /** Sum over all steps. */
  acceptance = 0;
  divergent = false;
  steps = 0;

  constructor(
    private readonly start: number,
    private readonly travel: Travel,
  ) {}

  /** The next 2^depth points; undefined where they turn back, or the energy goes astray. */
  grow(depth: number, points: Generator<Phase, undefined>): Tree | undefined {
    if (depth === 0) return this.take(points.next().value!);
    const a = this.grow(depth - 1, points);
    const b = a && this.grow(depth - 1, points);
    if (!b) return undefined;
    const takesB = Math.log(this.travel.uniform()) < b.logWeight - logAdd(a.logWeight, b.logWeight);
    return this.turns(a, b) ? undefined : this.join(a, b, takesB);
  }

  private take(next: Phase): Tree | undefined {
    const change = energy(next, this.travel.variances) - this.start;
    this.steps++;
    this.acceptance += Math.min(1, Math.exp(-change));
    this.divergent = change > DIVERGENT;
    if (this.divergent) return undefined;
    return { first: next, last: next, sum: next.p, drawn: next, logWeight: -change };
  }

  /** Whether two pieces, one after the other, turn back: as a whole, or where one meets the other. */
  turns(a: Tree, b: Tree): boolean {
    return (
      this.isTurn(a.first, b.last, a.sum, b.sum) ||
      this.isTurn(a.first, b.first, a.sum, b.first.p) ||
      this.isTurn(a.last, b.last, a.last.p, b.sum)
    );
  }

  /** Whether one of the ends moves against the way that leads from one to the other, whose momenta sum up to a + b. */
  private isTurn(first: Phase, last: Phase, a: Float64Array, b: Float64Array): boolean {
    const { variances } = this.travel;
    let [atFirst, atLast] = [0, 0];
    for (let i = 0; i < a.length; i++) {
      const way = variances[i]! * (a[i]! + b[i]!);
      atFirst += first.p[i]! * way;
      atLast += last.p[i]! * way;
    }
    return !(atFirst > 0 && atLast > 0);
  }

  join(a: Tree, b: Tree, takesB: boolean): Tree {
    return {
      first: a.first,
      last: b.last,
      sum: added(a.sum, b.sum),
      drawn: takesB ? b.drawn : a.drawn,
      logWeight: logAdd(a.logWeight, b.logWeight),
    };
  }
}
