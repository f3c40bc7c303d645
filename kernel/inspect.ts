import { toUnits } from './position';
import type { Content } from './requests';
import type { Session } from './session';

/** inspect_reply: the signature and documentation of what stands at the cursor. */
export function inspect({ code, cursor_pos }: Content<'inspect_request'>, session: Session): object {
  const offset = toUnits(code, cursor_pos);
  // the cursor stands behind a name more often than in it
  const text = session.inspect(code, offset) ?? session.inspect(code, Math.max(0, offset - 1));
  const data = text === undefined ? {} : { 'text/plain': text };
  return { status: 'ok', found: text !== undefined, data, metadata: {} };
}
