/** What is still to be done when the process ends, without waiting for anything. */
const last = new Set<() => void>();

const all = (): void => last.forEach((act) => act());

/** Calls back when the process ends: a kernel that is restarted, say. Returns the function that forgets it. */
export function atExit(act: () => void): () => void {
  if (last.size === 0) process.on('exit', all);
  last.add(act);
  return () => {
    last.delete(act);
    if (last.size === 0) process.off('exit', all);
  };
}
