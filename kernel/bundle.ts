import { inspect } from 'node:util';
import { CredenceError } from '../lib/errors';
import { displaySymbol, type Displayable, type Live, liveSymbol, type MimeBundle } from '../lib/host';

type Method = (...args: unknown[]) => unknown;

/** Whether the value has a method of this name or symbol. */
function has<K extends PropertyKey>(value: unknown, key: K): value is Record<K, Method> {
  return (
    value !== null &&
    (typeof value === 'object' || typeof value === 'function') &&
    typeof (value as Record<PropertyKey, unknown>)[key] === 'function'
  );
}

export const isDisplayable = (value: unknown): value is Displayable => has(value, displaySymbol);

export const isLive = (value: unknown): value is Live => isDisplayable(value) && has(value, liveSymbol);

/** A value as text: how a cell shows what cannot show itself. */
export const plainText = (value: unknown): string =>
  inspect(value, { depth: 4, breakLength: 100, maxArrayLength: 100, maxStringLength: 10_000 });

/**
 * The MIME bundle of any value: of `[Symbol.for('Jupyter.display')]()`, else of `toMimeBundle()`, else its text.
 * It is a promise only if the method is async, so that what is shown and what is printed keep their order.
 */
export function toBundle(value: unknown): MimeBundle | Promise<MimeBundle> {
  if (has(value, displaySymbol)) return settle(value[displaySymbol]());
  if (has(value, 'toMimeBundle')) return settle(value.toMimeBundle());
  return { 'text/plain': plainText(value) };
}

const settle = (bundle: unknown): MimeBundle | Promise<MimeBundle> =>
  bundle instanceof Promise ? bundle.then(checkBundle) : checkBundle(bundle);

/**
 * Makes a bundle ready for the wire: bytes become base64, as the protocol wants.
 * @throws CredenceError E_KERNEL if it is no bundle
 */
export function checkBundle(bundle: unknown): MimeBundle {
  if (typeof bundle !== 'object' || bundle === null || Array.isArray(bundle)) {
    throw new CredenceError(
      'E_KERNEL',
      `a display method must return an object of MIME types such as { 'text/html': '...' }, got ${plainText(bundle)}`,
    );
  }
  const entries = Object.entries(bundle).filter(([, data]) => data !== undefined);
  for (const [type] of entries) {
    if (!/^[\w.+-]+\/[\w.+-]+$/.test(type)) {
      throw new CredenceError('E_KERNEL', `a display method returned '${type}', which is no MIME type`);
    }
  }
  return Object.fromEntries(
    entries.map(([type, data]) => [
      type,
      data instanceof Uint8Array ? Buffer.from(data).toString('base64') : (data as unknown),
    ]),
  );
}
