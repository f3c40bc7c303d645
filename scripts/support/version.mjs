/**
 * Orders two dotted versions number by number; a missing part counts as 0.
 * @param {string} a
 * @param {string} b
 * @returns {number} below 0 if a is older than b, 0 if they are equal
 */
function compare(a, b) {
  const [left, right] = [a, b].map((version) => version.split('.').map((part) => parseInt(part, 10)));
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** @type {Record<string, (order: number) => boolean>} */
const operators = {
  '>=': (order) => order >= 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '<': (order) => order < 0,
};

/**
 * Whether a version such as '3.11.7' lies in a range such as '>=3.10,<3.14'.
 * @param {string} version
 * @param {string} range
 */
export function satisfies(version, range) {
  return range.split(',').every((bound) => {
    const match = /^\s*(>=|<=|>|<)\s*([\d.]+)\s*$/.exec(bound);
    if (!match) throw new Error(`'${range}' is not a version range`);
    return operators[match[1]](compare(version, match[2]));
  });
}
