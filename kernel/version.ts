import { readFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../lib/environment';

/** The version of Credence. */
export const version = (
  JSON.parse(readFileSync(path.join(packageRoot, 'package.json'), 'utf8')) as { version: string }
).version;
