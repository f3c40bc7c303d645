/** How alike a function is at two places, by the distance between them in length scales: 1 at the same place. */
export const kernels = {
  /** Functions that have all derivatives. */
  rbf: (distance: number) => Math.exp(-(distance ** 2) / 2),
  /** Functions that have one derivative. */
  matern32: (distance: number) => {
    const r = Math.sqrt(3) * distance;
    return (1 + r) * Math.exp(-r);
  },
  /** Functions that have two derivatives. */
  matern52: (distance: number) => {
    const r = Math.sqrt(5) * distance;
    return (1 + r + r ** 2 / 3) * Math.exp(-r);
  },
} as const;

/** Names of kernels. @inline */
export type KernelName = keyof typeof kernels;
export const kernelNames = Object.keys(kernels) as KernelName[];
