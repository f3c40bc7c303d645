import path from 'node:path';

/**
 * The command that starts the kernel; Jupyter appends the connection file. The flag lets Node live on after the
 * watchdog has terminated a loop in a timer: Node's books about asynchronous calls are then off by one, at which it
 * would abort.
 */
export const kernelCommand = (): string[] => [
  process.execPath,
  '--no-force-async-hooks-checks',
  path.join(__dirname, 'main.js'),
];
