import { readFileSync } from 'node:fs';
import { inProject } from './project.mjs';

/**
 * @typedef {object} Environment
 * @property {string} node the range of Node versions, such as '>=20.19'
 * @property {string} python the range of Python versions, such as '>=3.10,<3.14'
 * @property {string[]} pip requirements as pip takes them
 */

/** Takes the comment and the quotes off a YAML scalar. @param {string} text */
const scalar = (text) =>
  text
    .replace(/(^|\s)#.*$/, '')
    .trim()
    .replace(/^(['"])(.*)\1$/, '$2');

/**
 * Reads the part of YAML that environment.yml is written in: top-level keys, a list of dependencies, and in it one
 * nested list named pip. Set-up runs before any package is installed, so there is no YAML library to ask.
 * @param {string} text
 * @returns {Environment}
 * @throws {Error} on a line of another form, or if a part is missing
 */
export function parseEnvironment(text) {
  /** @type {string[]} */ const conda = [];
  /** @type {string[]} */ const pip = [];
  let section = '';
  let pipIndent = Infinity;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (scalar(line) === '') continue;
    const key = /^(\w+):/.exec(line);
    const item = /^(\s*)- (.*)$/.exec(line);
    if (key) {
      section = key[1];
    } else if (!item) {
      throw new Error(
        `environment.yml, line ${index + 1}: '${line.trim()}' is neither a key nor a list item`,
      );
    } else if (section === 'dependencies') {
      const [indent, value] = [item[1].length, scalar(item[2])];
      if (value === 'pip:') pipIndent = indent;
      else if (indent > pipIndent) pip.push(value);
      else conda.push(value);
    }
  }
  /** @param {string} name */
  const range = (name) => {
    const found = conda.map((spec) => /^([\w-]+)([<>].*)$/.exec(spec)).find((match) => match?.[1] === name);
    if (!found) throw new Error(`environment.yml: no range of versions for ${name}`);
    return found[2];
  };
  if (pip.length === 0) throw new Error('environment.yml: no pip section');
  return { node: range('nodejs'), python: range('python'), pip };
}

/** The project's environment.yml. */
export const readEnvironment = () => parseEnvironment(readFileSync(inProject('environment.yml'), 'utf8'));

/**
 * The requirements for a machine with an NVIDIA GPU: TensorFlow with its CUDA libraries instead of the CPU build.
 * @param {string[]} requirements
 */
export const withCuda = (requirements) =>
  requirements.map((requirement) =>
    requirement.replace(/^tensorflow(-cpu)?(?=[<>=~!; ]|$)/, 'tensorflow[and-cuda]'),
  );
