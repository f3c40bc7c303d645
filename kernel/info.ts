import { protocolVersion } from './message';
import { typescriptVersion } from './typescript';
import { version } from './version';

/** kernel_info_reply: what this kernel is. */
export const kernelInfo = {
  status: 'ok',
  protocol_version: protocolVersion,
  implementation: 'credence',
  implementation_version: version,
  language_info: {
    name: 'typescript',
    version: typescriptVersion,
    mimetype: 'text/typescript',
    file_extension: '.ts',
    codemirror_mode: 'typescript',
    pygments_lexer: 'typescript',
    nbconvert_exporter: 'script',
  },
  banner: `Credence ${version}: TypeScript ${typescriptVersion} on Node ${process.versions.node}`,
  debugger: false,
  help_links: [
    { text: 'TypeScript', url: 'https://www.typescriptlang.org/docs/' },
    { text: 'Node.js', url: 'https://nodejs.org/api/' },
  ],
};
