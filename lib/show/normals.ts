import type { Posterior } from '../inference/posterior/posterior';

/** A variable whose weights have a normal posterior each, and the arrays of it as they lie in the memory of the posterior. */
export interface Normal {
  name: string;
  mean: Float32Array;
  /** The standard deviation of a weight. */
  std(index: number): number;
  /** All arrays that are 0 for a weight that is removed, and those of which it has the logarithm of 0. */
  zeros: Float32Array[];
  logarithms: Float32Array[];
}

/** The variables of a posterior that know a mean and a standard deviation of each weight. */
export function normals({ variables }: Posterior): Normal[] {
  return [...variables].flatMap(([variable, mean]): Normal[] => {
    const name = variable.replace(/\.mean$/, '');
    const std = variables.get(`${name}.std`);
    const logStd = variables.get(`${name}.logStd`);
    if (!variable.endsWith('.mean') && !std) return [];
    if (std?.length === mean.length) {
      return [{ name, mean, std: (i) => std[i]!, zeros: [mean, std], logarithms: [] }];
    }
    if (!logStd) return [];
    const factors = [...variables]
      .filter(([other]) => other.startsWith(`${name}.factor.`))
      .map(([, values]) => values);
    const spread = (i: number): number =>
      Math.hypot(Math.exp(logStd[i]!), ...factors.map((factor) => factor[i]!));
    return [{ name, mean, std: spread, zeros: [mean, ...factors], logarithms: [logStd] }];
  });
}
