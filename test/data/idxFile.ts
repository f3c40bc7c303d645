/** The content of an IDX file: two zeros, the code of the format, the number of axes, their lengths, the values. */
export function idxFile(code: number, shape: readonly number[], values: Buffer): Buffer {
  const lengths = Buffer.alloc(4 * shape.length);
  shape.forEach((length, axis) => lengths.writeUInt32BE(length, 4 * axis));
  return Buffer.concat([Buffer.of(0, 0, code, shape.length), lengths, values]);
}
