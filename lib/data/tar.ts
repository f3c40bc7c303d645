/**
 * The files of a tar archive (POSIX ustar): before each stands a block of 512 bytes with its name and, in octal digits, its length; its
 * content fills whole blocks.
 */
const BLOCK = 512;
const NAME = [0, 100] as const;
const SIZE = [124, 136] as const;
const CHECKSUM = [148, 156] as const;

export interface TarFile {
  name: string;
  /** Shares memory with the archive. */
  content: Buffer;
}

const field = (header: Buffer, [from, to]: readonly [number, number]): string =>
  header.toString('latin1', from, to).split('\0')[0]!.trim();

/** The sum of all bytes of a header, the checksum itself counting as spaces. */
const sumOf = (header: Buffer): number =>
  header.reduce((sum, byte, i) => sum + (i >= CHECKSUM[0] && i < CHECKSUM[1] ? 0x20 : byte), 0);

/**
 * Reads an archive that is in memory.
 * @throws Error if it is damaged
 */
export function* tarFiles(archive: Buffer): Generator<TarFile> {
  for (let at = 0; at < archive.length;) {
    const header = archive.subarray(at, (at += BLOCK));
    if (header.every((byte) => byte === 0)) return; // the end is marked by empty blocks
    const [name, length] = [field(header, NAME), parseInt(field(header, SIZE), 8)];
    if (sumOf(header) !== parseInt(field(header, CHECKSUM), 8) || !(length >= 0))
      throw new Error('it is not a tar archive, or damaged');
    if (at + length > archive.length) throw new Error(`it ends within ${name}`);
    yield { name, content: archive.subarray(at, at + length) };
    at += Math.ceil(length / BLOCK) * BLOCK;
  }
}
