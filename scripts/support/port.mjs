import { createServer } from 'node:net';

/**
 * Whether a server may listen on a port of this machine.
 * @param {number} port
 * @returns {Promise<boolean>}
 */
export const isFree = (port) =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

/**
 * The first free port from `first` on.
 * @param {number} first
 * @param {number} [attempts]
 * @returns {Promise<number | undefined>} undefined if all attempts were taken
 */
export async function freePort(first, attempts = 50) {
  for (let port = first; port < first + attempts; port++) {
    if (await isFree(port)) return port;
  }
  return undefined;
}
