import { SourceMap, type SourceMapping, type SourceMapPayload } from 'node:module';
import type { SourceMaps } from './typescript';

/** A place in what the person wrote. Line and column count from 1. */
export interface Place {
  /** The name of the cell, or of the file it imports. */
  file: string;
  line: number;
  column: number;
}

/** tslab puts this line before the code of a cell, to make it a module. */
const PREFIX = 'export {};\n';

const isMapping = (entry: SourceMapping | object): entry is SourceMapping => 'originalLine' in entry;

/** A script and the source it was compiled from in two steps. */
class Script {
  private readonly length: number;
  private readonly prefixed: boolean;
  private readonly source: string[];
  private readonly payload: SourceMapPayload;

  constructor(
    private readonly file: string,
    script: string,
    private readonly maps: SourceMaps,
  ) {
    this.length = script.split('\n').length;
    this.payload = JSON.parse(maps.first) as SourceMapPayload;
    const text = this.payload.sourcesContent[0] ?? '';
    this.prefixed = text.startsWith(PREFIX);
    this.source = (this.prefixed ? text.slice(PREFIX.length) : text).split('\n');
  }

  locate(line: number, column: number): Place | undefined {
    // tslab calls the script from lines of its own behind it
    if (line > this.length) return undefined;
    const second = new SourceMap(JSON.parse(this.maps.second) as SourceMapPayload);
    const middle = second.findEntry(line - 1, column - 1);
    if (!isMapping(middle)) return undefined;
    const first = new SourceMap(this.payload).findEntry(middle.originalLine, middle.originalColumn);
    if (!isMapping(first)) return undefined;
    return {
      file: this.file,
      line: first.originalLine + (this.prefixed ? 0 : 1),
      column: first.originalColumn + 1,
    };
  }

  text(line: number): string | undefined {
    return this.source[line - 1];
  }
}

/** The scripts made of cells and of the TypeScript files they import: which place of which source each came from. */
export class Scripts {
  private readonly byName = new Map<string, Script>();
  private readonly bySource = new Map<string, Script>();

  /** @param name the name of the script in stack traces */
  remember(name: string, script: string, maps: SourceMaps): void {
    const file = name.replace(/\.js$/, '.ts');
    const entry = new Script(file, script, maps);
    this.byName.set(name, entry);
    this.bySource.set(file, entry);
  }

  has(name: string): boolean {
    return this.byName.has(name);
  }

  /** The source of a place in a script, if the person wrote it (and tslab did not). */
  locate(name: string, line: number, column: number): Place | undefined {
    return this.byName.get(name)?.locate(line, column);
  }

  /** The text of a line of a source. */
  text(file: string, line: number): string | undefined {
    return this.bySource.get(file)?.text(line);
  }
}
