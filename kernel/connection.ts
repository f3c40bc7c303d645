import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { CredenceError } from '../lib/errors';

const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65535));

const connectionSchema = v.object({
  transport: v.picklist(['tcp', 'ipc']),
  ip: v.string(),
  shell_port: port,
  iopub_port: port,
  stdin_port: port,
  control_port: port,
  hb_port: port,
  key: v.string(),
  signature_scheme: v.optional(v.pipe(v.string(), v.regex(/^hmac-\w+$/)), 'hmac-sha256'),
});

/** The connection file that a Jupyter server hands to a kernel: addresses and the key that signs messages. */
export type Connection = v.InferOutput<typeof connectionSchema>;

/**
 * Reads a connection file.
 * @throws CredenceError E_KERNEL if it is missing or is no connection file
 */
export function readConnection(file: string): Connection {
  let text: unknown;
  try {
    text = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new CredenceError(
      'E_KERNEL',
      `the connection file '${file}' cannot be read. The kernel is started by Jupyter, not by hand`,
      { cause },
    );
  }
  const result = v.safeParse(connectionSchema, text);
  if (result.success) return result.output;
  const issue = result.issues[0];
  throw new CredenceError(
    'E_KERNEL',
    `the connection file '${file}' is not valid: ${v.getDotPath(issue) ?? 'it'}: ${issue.message}`,
  );
}

/** The address of one socket, in ZeroMQ's notation. */
export const address = (connection: Connection, number: number): string =>
  connection.transport === 'tcp' ? `tcp://${connection.ip}:${number}` : `ipc://${connection.ip}-${number}`;
