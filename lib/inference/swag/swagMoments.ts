/** What SWAG knows of weights that were kept. */
export interface SwagMoments {
  mean: Float32Array;
  /** The root of the mean squared distance from the mean. */
  std: Float32Array;
  /**
   * How far each of the last was from the mean of all until then, over the root of their number less one: the sum of their outer products
   * is a covariance. The first one goes with the oldest.
   */
  deviations: Float32Array[];
}

/**
 * The moments of weights that were kept one after the other (Maddox et al. 2019, algorithm 1), in double precision. @param rank how many
 * deviations, at most
 */
export function momentsOf(iterates: readonly Float32Array[], rank = 0): SwagMoments {
  const times = iterates.length;
  const { length } = iterates[0]!;
  const mean = new Float64Array(length);
  const squares = new Float64Array(length);
  const kept = Math.min(rank, times);
  const deviations = Array.from({ length: kept }, () => new Float32Array(length));
  const unit = Math.sqrt(Math.max(1, kept - 1)); // a single deviation is 0
  iterates.forEach((iterate, time) => {
    const deviation = deviations[time - times + kept];
    for (let i = 0; i < length; i++) {
      const before = iterate[i]! - mean[i]!;
      mean[i]! += before / (time + 1);
      const after = iterate[i]! - mean[i]!;
      squares[i]! += before * after;
      if (deviation) deviation[i] = after / unit;
    }
  });
  return {
    mean: Float32Array.from(mean),
    std: Float32Array.from(squares, (sum) => Math.sqrt(sum / times)),
    deviations,
  };
}
