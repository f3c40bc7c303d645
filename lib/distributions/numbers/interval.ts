import { CredenceError } from '../../errors';
import { checkFinite } from './arguments';

/** @throws CredenceError E_OPTION unless both are numbers, the first the smaller one */
export function checkInterval(low: number, high: number, what: string): void {
  checkFinite(low, `${what}: low`);
  checkFinite(high, `${what}: high`);
  if (low < high) return;
  throw new CredenceError('E_OPTION', `${what}: 'low' must be below 'high', got ${low} and ${high}`);
}
