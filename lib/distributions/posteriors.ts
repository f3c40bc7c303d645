import * as v from 'valibot';
import { count, validate } from '../validate';

/** The form of what is learned of the weights, around their means. */
export type PosteriorForm =
  | { name: string; kind: 'normal' }
  | { name: string; kind: 'studentT'; df: number }
  | { name: string; kind: 'lowRank'; rank: number };

/** Options of `posteriors.studentT`. */
export interface StudentTPosteriorOptions {
  /** Degrees of freedom, above 2, where the variance is finite. Default 4. */
  df?: number;
}

/** Options of `posteriors.lowRank`. */
export interface LowRankOptions {
  /** Directions in which all weights vary together; at most 16. Default 2. */
  rank?: number;
}

const rule = 'must be a number above 2: with fewer degrees of freedom the variance is infinite';
const studentTOptions = v.strictObject({
  df: v.optional(v.pipe(v.number(rule), v.finite(rule), v.gtValue(2, rule)), 4),
});
const lowRankOptions = v.strictObject({
  rank: v.optional(v.pipe(count(1), v.maxValue(16, 'must be at most 16')), 2),
});

/** Forms of a variational posterior, for `vi({ posterior })`. */
export const posteriors = {
  /** Each weight has a normal distribution of its own. */
  normal: (): PosteriorForm => ({ name: 'normal', kind: 'normal' }),

  /**
   * Each weight has a Student's t distribution of its own, whose draws are sometimes far out. `logStd` is the logarithm of its scale.
   * @throws CredenceError E_OPTION
   */
  studentT(given: StudentTPosteriorOptions = {}): PosteriorForm {
    const { df } = validate(studentTOptions, given, 'posteriors.studentT');
    return { name: `Student t(${df})`, kind: 'studentT', df };
  },

  /**
   * A normal distribution of all weights together, whose covariance is a diagonal and a matrix of low rank (Ong, Nott and Smith, "Gaussian
   * variational approximation with a factor covariance structure", 2018): each factor is a direction in which they vary together.
   * @throws CredenceError E_OPTION
   */
  lowRank(given: LowRankOptions = {}): PosteriorForm {
    const { rank } = validate(lowRankOptions, given, 'posteriors.lowRank');
    return { name: `low rank(${rank})`, kind: 'lowRank', rank };
  },
};
