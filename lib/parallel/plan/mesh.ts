/**
 * How workers share a step out, as a grid: `sample` groups that draw different weight samples, times `data` groups that see different
 * data of the batch. { sample: W, data: 1 } is sample parallelism, { sample: 1, data: W } data parallelism, all else a hybrid.
 */
export interface Mesh {
  sample: number;
  data: number;
}

export const workersOf = ({ sample, data }: Mesh): number => sample * data;

export const describeMesh = ({ sample, data }: Mesh): string =>
  data === 1 ? `sample ${sample}` : sample === 1 ? `data ${data}` : `sample ${sample} x data ${data}`;
