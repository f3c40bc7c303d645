import { toCharacters, toUnits } from './position';
import type { Content } from './requests';
import type { Session } from './session';

/** What JupyterLab calls the kinds of TypeScript, to draw an icon for each. */
const kinds: Record<string, string> = {
  'external module name': 'module',
  alias: 'module',
  const: 'instance',
  let: 'instance',
  var: 'instance',
  'local var': 'instance',
  parameter: 'param',
  getter: 'property',
  setter: 'property',
  'local function': 'function',
  enum: 'class',
  interface: 'class',
  type: 'class',
  directory: 'path',
  script: 'path',
  string: 'text',
};

/** complete_reply: names, members, types, the parts of strings that are known, and what can be imported. */
export function complete({ code, cursor_pos }: Content<'complete_request'>, session: Session): object {
  const { start, end, candidates, original } = session.complete(code, toUnits(code, cursor_pos));
  const [cursor_start, cursor_end] = [toCharacters(code, start), toCharacters(code, end)];
  const kindOf = new Map((original?.entries ?? []).map(({ name, kind }) => [name, kind as string]));
  const types = candidates.map((text) => {
    const kind = kindOf.get(text) ?? '';
    return { text, type: kinds[kind] ?? kind, start: cursor_start, end: cursor_end };
  });
  return {
    status: 'ok',
    matches: candidates,
    cursor_start,
    cursor_end,
    metadata: { _jupyter_types_experimental: types },
  };
}
