import { modulesBeginning } from './modules';
import { toCharacters, toUnits } from './position';
import type { Content } from './requests';
import type { Session } from './session';
import { stringAt } from './typescript';

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
  string: 'text',
};

/** What may stand from `start` to `end`, in UTF-16 units. */
interface Candidates {
  start: number;
  end: number;
  entries: { name: string; kind: string }[];
}

function find(code: string, offset: number, session: Session): Candidates {
  const string = stringAt(code, offset);
  if (string?.module) {
    const names = modulesBeginning(string.text, session.folder);
    return { start: string.start, end: offset, entries: names.map((name) => ({ name, kind: 'module' })) };
  }
  const { start, end, candidates, original } = session.complete(code, offset);
  const kindOf = new Map((original?.entries ?? []).map(({ name, kind }) => [name, kind as string]));
  const entries = candidates.map((name) => {
    const kind = kindOf.get(name) ?? '';
    return { name, kind: kinds[kind] ?? kind };
  });
  if (!string) return { start, end, entries };
  // tslab would put the known strings behind what is typed already
  const fitting = entries.filter(({ name }) => name.startsWith(string.text));
  return { start: string.start, end: offset, entries: fitting };
}

/** complete_reply: names, members, types, known strings, and what can be imported. */
export function complete({ code, cursor_pos }: Content<'complete_request'>, session: Session): object {
  const { entries, ...range } = find(code, toUnits(code, cursor_pos), session);
  const [start, end] = [toCharacters(code, range.start), toCharacters(code, range.end)];
  return {
    status: 'ok',
    matches: entries.map(({ name }) => name),
    cursor_start: start,
    cursor_end: end,
    metadata: {
      _jupyter_types_experimental: entries.map(({ name, kind }) => ({ text: name, type: kind, start, end })),
    },
  };
}
