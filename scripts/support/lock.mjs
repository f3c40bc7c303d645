import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { killGroup } from './child.mjs';
import { identify, isAlive } from './identity.mjs';

/** @typedef {import('./identity.mjs').Identity} Identity */
/**
 * What the lock file says: who holds it, and which program the holder runs at the moment.
 * @typedef {{ holder: Identity, child?: Identity }} Claim
 */

/** @param {string} file @returns {Claim | undefined} */
function read(file) {
  try {
    /** @type {unknown} */ const claim = JSON.parse(readFileSync(file, 'utf8'));
    return /** @type {Claim} */ (claim);
  } catch {
    return undefined;
  }
}

/**
 * Moves the lock of a dead holder out of the way, and stops the program it left running (a set-up that was killed
 * outright cannot stop its npm or pip, and two of them at work in one folder would ruin it).
 * @param {string} file
 * @param {Claim | undefined} stale
 */
function clear(file, stale) {
  const aside = `${file}.stale.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return; // another waiting process was faster
  }
  const moved = read(aside);
  if (moved && isAlive(moved.holder)) {
    // another waiting process cleared the old lock and took a new one since we looked: give it back
    linkSync(aside, file);
  } else if (stale?.child && isAlive(stale.child)) {
    killGroup(stale.child.pid, 'SIGKILL');
  }
  rmSync(aside, { force: true });
}

/**
 * Lets one process at a time work in a folder. A lock whose holder died, in whatever way, is taken over.
 * @param {string} file the lock file
 * @param {(pid: number) => void} onWait called once if another process holds the lock
 * @returns {Promise<{ childStarted(pid: number): void, release(): void }>}
 */
export async function acquire(file, onWait) {
  mkdirSync(path.dirname(file), { recursive: true });
  const mine = `${file}.${process.pid}`;
  /** @param {Claim} claim */
  const write = (claim) => writeFileSync(mine, JSON.stringify(claim));
  const holder = identify(process.pid);
  let told = false;
  for (;;) {
    write({ holder });
    try {
      linkSync(mine, file); // fails if the lock exists; a reader never sees half of it
      break;
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    } finally {
      rmSync(mine, { force: true });
    }
    const claim = read(file);
    if (claim && isAlive(claim.holder)) {
      if (!told) onWait(claim.holder.pid);
      told = true;
      await sleep(300);
    } else {
      clear(file, claim);
    }
  }
  return {
    childStarted(pid) {
      write({ holder, child: identify(pid) });
      renameSync(mine, file);
    },
    release: () => rmSync(file, { force: true }),
  };
}
