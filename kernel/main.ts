import { CredenceError } from '../lib/errors';
import { Link } from './link';

/** The kernel's program: `node main.js <connection file>`, as written in kernel.json. */
const [, , connectionFile] = process.argv;
if (connectionFile === undefined) {
  throw new CredenceError(
    'E_KERNEL',
    "the kernel is started by Jupyter with a connection file. To install it: 'credence kernel install'",
  );
}

// The transport thread binds the sockets while this thread loads TypeScript, which takes a second
const link = new Link(connectionFile);
void import('./kernel.js').then(({ startKernel }) => startKernel(link));
