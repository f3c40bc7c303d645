import process from 'node:process';

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** @param {number} start a `performance.now()` */
const seconds = (start) => `${((performance.now() - start) / 1000).toFixed(1)} s`;

/**
 * What the commands print: one line per step with the time it took. On a terminal the line of the step at work counts
 * the seconds; elsewhere (logs) each line is written once.
 * @param {NodeJS.WriteStream} [out]
 */
export function createReport(out = process.stdout) {
  const live = out.isTTY && process.env['TERM'] !== 'dumb';
  const colours = live && process.env['NO_COLOR'] === undefined;
  /** @param {number} code @param {string} text */
  const colour = (code, text) => (colours ? `\x1b[${code}m${text}\x1b[0m` : text);
  /** @param {string} text */
  const line = (text) => void out.write(`${live ? '\r\x1b[2K' : ''}${text}\n`);

  return {
    line,
    /** @param {string} text */
    heading: (text) => line(colour(1, text)),

    /**
     * Reports on a piece of work while it goes on.
     * @template T
     * @param {string} title
     * @param {() => Promise<T>} work
     * @returns {Promise<T>}
     */
    async step(title, work) {
      const start = performance.now();
      let frame = 0;
      const draw = () =>
        out.write(`\r\x1b[2K${frames[frame++ % frames.length]} ${title} (${seconds(start)})`);
      const timer = live ? setInterval(draw, 100) : undefined;
      if (!live) line(`… ${title}`);
      try {
        const result = await work();
        line(`${colour(32, '✓')} ${title} (${seconds(start)})`);
        return result;
      } catch (error) {
        line(`${colour(31, '✗')} ${title} (${seconds(start)})`);
        throw error;
      } finally {
        clearInterval(timer);
      }
    },

    /** @param {import('./failure.mjs').Failure} failure */
    failure({ message, remedy, evidence }) {
      line(`\n${colour(31, message)}\n${remedy}`);
      if (evidence) line(`\n${evidence.replace(/^/gm, '  | ')}`);
    },
  };
}

/** @typedef {ReturnType<typeof createReport>} Report */
