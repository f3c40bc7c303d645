import { inspect } from 'node:util';
import type { Scripts } from './scripts';
import type { Diagnostic } from './tslab';

/** The content of an `error` message, and of a reply with status 'error'. */
export interface ErrorContent {
  ename: string;
  evalue: string;
  traceback: string[];
}

/** The error of a cell that the person interrupted. */
export const interruption: ErrorContent = {
  ename: 'Interrupted',
  evalue: 'the cell was interrupted',
  traceback: ['Interrupted: the cell was interrupted. Names that it had declared are kept'],
};

const red = (text: string): string => `\x1b[31m${text}\x1b[39m`;
const dim = (text: string): string => `\x1b[2m${text}\x1b[22m`;

/** How many diagnostics of TypeScript are shown: more are mostly consequences of the first. */
const MOST_DIAGNOSTICS = 10;

/** A line of source, with a caret under the column. */
function excerpt(line: number, column: number, text: string): string[] {
  const gutter = String(line);
  return [
    `${dim(`${gutter} |`)} ${text}`,
    `${dim(`${' '.repeat(gutter.length)} |`)} ${' '.repeat(Math.max(0, column - 1))}${red('^')}`,
  ];
}

/** What TypeScript found wrong with a cell. */
export function formatDiagnostics(diagnostics: Diagnostic[], code: string, name: string): ErrorContent {
  const lines = code.split('\n');
  const traceback: string[] = [];
  let previous: Diagnostic | undefined;
  for (const diagnostic of diagnostics.slice(0, MOST_DIAGNOSTICS)) {
    const { start, messageText, fileName, code: number } = diagnostic;
    if (previous?.start.offset === start.offset && previous.fileName === fileName) {
      // TypeScript's elaboration of the same error
      traceback.push(`    ${messageText}`);
      continue;
    }
    previous = diagnostic;
    const place = `${fileName ?? name}:${start.line + 1}:${start.character + 1}`;
    traceback.push(`${place} - ${red('error')} ${dim(`TS${number}:`)} ${messageText}`);
    const text = lines[start.line];
    if (fileName === undefined && text !== undefined) {
      traceback.push(...excerpt(start.line + 1, start.character + 1, text));
    }
  }
  const hidden = diagnostics.length - MOST_DIAGNOSTICS;
  if (hidden > 0) traceback.push(`... and ${hidden} more`);
  const first = diagnostics[0];
  return {
    ename: 'TypeScriptError',
    evalue: first ? `TS${first.code}: ${first.messageText}` : 'the cell is not valid TypeScript',
    traceback,
  };
}

/** What a cell has thrown: message, the person's lines (see stack.ts), and the causes. */
export function formatError(error: unknown, scripts: Scripts): ErrorContent {
  if (!(error instanceof Error)) {
    const evalue = inspect(error);
    return { ename: 'Thrown', evalue, traceback: [`${red('Thrown')}: ${evalue}`] };
  }
  return { ename: error.name, evalue: error.message, traceback: describe(error, scripts, new Set()) };
}

function describe(error: Error, scripts: Scripts, seen: Set<unknown>): string[] {
  seen.add(error);
  const code = 'code' in error && typeof error.code === 'string' ? ` [${error.code}]` : '';
  const frames = (error.stack ?? '').split('\n').filter((line) => /^ {4}at /.test(line));
  const text = [`${red(`${error.name}${code}`)}: ${error.message}`, ...frames.map(dim)];
  text.push(...firstLine(frames, scripts));
  const causes: unknown[] = error instanceof AggregateError ? [...(error.errors as unknown[])] : [];
  if (error.cause !== undefined) causes.push(error.cause);
  for (const cause of causes.filter((each) => !seen.has(each))) {
    const [first = '', ...rest] = cause instanceof Error ? describe(cause, scripts, seen) : [inspect(cause)];
    text.push('', `Caused by ${first}`, ...rest);
  }
  return text;
}

/** The person's line where it happened. */
function firstLine(frames: string[], scripts: Scripts): string[] {
  for (const frame of frames) {
    const [, file, line, column] = /([^\s()]+):(\d+):(\d+)\)?$/.exec(frame) ?? [];
    const text = file === undefined ? undefined : scripts.text(file, Number(line));
    if (text !== undefined) return ['', ...excerpt(Number(line), Number(column), text)];
  }
  return [];
}
