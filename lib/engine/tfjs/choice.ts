import { CredenceError } from '../../errors';

const names = ['tensorflow', 'wasm', 'cpu'] as const;

/** What tfjs may compute on. */
export type BackendName = (typeof names)[number];

/**
 * The backend that `CREDENCE_BACKEND` asks for, if any.
 * @throws CredenceError E_OPTION if it names another
 */
export function requestedBackend(): BackendName | undefined {
  const wanted = process.env['CREDENCE_BACKEND'];
  if (wanted === undefined || wanted === '') return undefined;
  const name = names.find((each) => each === wanted);
  if (name) return name;
  throw new CredenceError('E_OPTION', `CREDENCE_BACKEND must be one of ${names.join(', ')}, got '${wanted}'`);
}
