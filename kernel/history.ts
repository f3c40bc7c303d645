import type { Content } from './requests';

/** The number of this session; 0 in a request means the current one, too. */
const SESSION = 1;

interface Entry {
  line: number;
  code: string;
  output: string | null;
}

type Row = [session: number, line: number, code: string | [string, string | null]];

/** What was executed since the kernel started. */
export class History {
  private readonly entries: Entry[] = [];

  /** @param output the text of the result, if there was one */
  add(line: number, code: string, output: string | null): void {
    this.entries.push({ line, code, output });
  }

  /** history_reply. */
  reply(request: Content<'history_request'>): Record<string, unknown> {
    const rows = this.select(request).map(({ line, code, output }): Row => [
      SESSION,
      line,
      request.output ? [code, output] : code,
    ]);
    return { status: 'ok', history: rows };
  }

  private select(request: Content<'history_request'>): Entry[] {
    switch (request.hist_access_type) {
      case 'tail':
        return this.last(this.entries, request.n);
      case 'range': {
        const ours = request.session === 0 || request.session === SESSION;
        const stop = request.stop ?? Infinity;
        return ours ? this.entries.filter(({ line }) => line >= request.start && line < stop) : [];
      }
      case 'search': {
        const matches = glob(request.pattern ?? '*');
        const found = this.entries.filter(({ code }) => matches.test(code));
        // of equal ones the last counts
        const distinct = request.unique
          ? [...new Map(found.map((entry) => [entry.code, entry])).values()]
          : found;
        return this.last(distinct, request.n);
      }
    }
  }

  private last(entries: Entry[], n: number | null | undefined): Entry[] {
    return n === null || n === undefined ? entries : entries.slice(Math.max(0, entries.length - n));
  }
}

/** A pattern as in IPython's history: `*` any text, `?` a character, `[ab]` one of these, `[^ab]` none of these. */
function glob(pattern: string): RegExp {
  const source = pattern.replace(/\*|\?|\[[^\]]+\]|[\\^$.|+()[\]{}]/g, (token) => {
    if (token === '*') return '[^]*';
    if (token === '?') return '[^]';
    return token.length > 1 ? token.replaceAll('\\', '\\\\') : `\\${token}`;
  });
  return new RegExp(`^${source}$`);
}
