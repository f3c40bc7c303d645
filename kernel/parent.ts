/** Whether a process of this id exists. */
function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Calls back once when the process that started the kernel has died: a kernel whose server was killed would otherwise
 * stay for ever. Jupyter names that process in `JPY_PARENT_PID`; without it (a detached kernel) nothing is watched.
 * @param interval milliseconds between two looks
 */
export function watchParent(orphaned: () => void, interval = 1000): void {
  const parent = Number(process.env['JPY_PARENT_PID']);
  // a pid of another namespace (the server outside a container) cannot be watched
  if (!(parent > 1) || !alive(parent)) return;
  const direct = process.ppid === parent;
  const timer = setInterval(() => {
    // a dead parent that nobody has waited for still 'exists', but its children have been handed on
    if (alive(parent) && !(direct && process.ppid !== parent)) return;
    clearInterval(timer);
    orphaned();
  }, interval);
}
