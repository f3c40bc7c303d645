import { crc32, deflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** A picture of 8-bit values, row-major: [height, width, channels]. */
export interface Raster {
  width: number;
  height: number;
  /** 1 is greyscale, 3 is RGB, 4 is RGB with opacity. */
  channels: 1 | 3 | 4;
  pixels: Uint8Array;
}

/** The number of PNG for what the channels are. */
const COLOR_TYPES = { 1: 0, 3: 2, 4: 6 } as const;

/** One chunk of the file: length, type, data and the checksum of the last two. */
function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

/** Encodes a picture as PNG (ISO/IEC 15948), without filters: the pictures here are small. */
export function encodePng({ width, height, channels, pixels }: Raster): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8; // bits in a channel
  header[9] = COLOR_TYPES[channels];
  const rowLength = width * channels;
  const rows = Buffer.alloc((rowLength + 1) * height); // each row starts with its filter, 0: none
  for (let row = 0; row < height; row++) {
    rows.set(pixels.subarray(row * rowLength, (row + 1) * rowLength), row * (rowLength + 1) + 1);
  }
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Repeats each pixel `factor` times both ways, so that viewers which smooth enlarged pictures leave edges sharp. */
export function enlarge({ width, height, channels, pixels }: Raster, factor: number): Raster {
  const large = new Uint8Array(pixels.length * factor * factor);
  const [newWidth, newHeight] = [width * factor, height * factor];
  for (let row = 0; row < newHeight; row++) {
    for (let column = 0; column < newWidth; column++) {
      const from = (Math.floor(row / factor) * width + Math.floor(column / factor)) * channels;
      large.set(pixels.subarray(from, from + channels), (row * newWidth + column) * channels);
    }
  }
  return { width: newWidth, height: newHeight, channels, pixels: large };
}

export const pngDataUri = (raster: Raster): string =>
  `data:image/png;base64,${encodePng(raster).toString('base64')}`;
