import path from 'node:path';
import ts = require('@tslab/typescript-for-tslab');
import { seeShorthandValues } from './shorthand';

/**
 * Lets cells import TypeScript files that lie outside of the notebook's folder (`../src/model`), which tslab does not know:
 * TypeScript gets the root of the file system for the root of its sources, what it makes of files in the folder is handed to
 * tslab where it expects them, and what it makes of others is kept for {@link takeOutside}.
 */
export const sourceRoot = (folder: string): string => path.parse(folder).root;

/** The JavaScript module made of a TypeScript file. */
export interface Emitted {
  /** Where it would lie beside its source. */
  path: string;
  data: string;
}

const outside: Emitted[] = [];

/** What was made of files outside of the folder since the last call. */
export const takeOutside = (): Emitted[] => outside.splice(0);

type Builder = ts.EmitAndSemanticDiagnosticsBuilderProgram;

/** A program whose output for the folder goes to `outDir`, and no other output anywhere. */
export const createProgramIn =
  (folder: string, outDir: string): ts.CreateProgram<Builder> =>
  (...given) => {
    const builder = ts.createEmitAndSemanticDiagnosticsBuilderProgram(...given);
    seeShorthandValues(builder.getProgram().getTypeChecker());
    const { emit } = builder;
    builder.emit = (file, write, ...rest) => {
      const sort: ts.WriteFileCallback = (name, data, ...more) => {
        const place = path.join(sourceRoot(folder), path.relative(outDir, name));
        const relative = path.relative(folder, place);
        if (!relative.startsWith('..')) write?.(path.posix.join(outDir, relative), data, ...more);
        else if (name.endsWith('.js')) outside.push({ path: place, data });
      };
      return emit.call(builder, file, sort, ...rest);
    };
    return builder;
  };
