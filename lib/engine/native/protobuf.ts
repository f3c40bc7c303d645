/** The few lines of protocol buffers we need: TensorFlow's ConfigProto out, OpDef in. */

import { CredenceError } from '../../errors';

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value & 127) | 128);
  return [...bytes, value];
}

/** A field that holds a number. */
export const numberField = (field: number, value: number): number[] => [
  ...varint(field << 3),
  ...varint(value),
];

/** A field that holds bytes: a string or a nested message. */
export const bytesField = (field: number, bytes: readonly number[] | Uint8Array): number[] => [
  ...varint((field << 3) | 2),
  ...varint(bytes.length),
  ...bytes,
];

/** Walks over the fields of a message; nested messages and strings come as bytes. */
export function* readFields(message: Uint8Array): Generator<[field: number, value: number | Uint8Array]> {
  let at = 0;
  const next = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = message[at++];
      if (byte === undefined) throw new CredenceError('E_ENGINE', 'a protocol buffer ends too early');
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const key = next();
    const wire = key & 7;
    if (wire === 0) yield [key >> 3, next()];
    else if (wire === 2) {
      const length = next();
      yield [key >> 3, message.subarray(at, (at += length))];
    } else at += wire === 1 ? 8 : 4;
  }
}
