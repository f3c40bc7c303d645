/** log mean_s exp(l_s), with the largest taken out, lest every exp underflows; -Infinity where all are. */
export function logMeanExp(logs: Float64Array): number {
  let largest = -Infinity;
  for (const log of logs) largest = Math.max(largest, log);
  if (largest === -Infinity) return -Infinity;
  let sum = 0;
  for (const log of logs) sum += Math.exp(log - largest);
  return largest + Math.log(sum / logs.length);
}
