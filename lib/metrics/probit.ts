/**
 * The mean of sigmoid(z) for z ~ N(mean, std^2): sigmoid(mean / sqrt(1 + pi std^2 / 8)), within 0.02. It is how likely an answer is whose logit is
 * known to a standard deviation (MacKay, "The evidence framework applied to classification networks", 1992, eq. 10).
 */
export const meanSigmoid = (mean: number, std: number): number =>
  1 / (1 + Math.exp(-mean / Math.sqrt(1 + (Math.PI * std ** 2) / 8)));
