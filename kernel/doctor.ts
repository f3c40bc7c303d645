import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot, pythonPackage } from '../lib/environment';
import { CredenceError } from '../lib/errors';
import { dataFolderOf, type Installed, list } from './install';
import { environmentPrefix, pythonVersion } from './python';

/** One thing that Credence uses: what was found, or what to do about it. */
export interface Finding {
  subject: string;
  ok: boolean;
  text: string;
}

type Check = () => string | Promise<string>;

/** A thing that is missing, with its remedy. */
const missing = (message: string): CredenceError => new CredenceError('E_LIBRARY', message);

const setUp = "Run 'npm start' in the project's folder";

function node(): string {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const { engines } = JSON.parse(readFileSync(path.join(packageRoot, 'package.json'), 'utf8')) as {
    engines: { node: string };
  };
  const [leastMajor = 0, leastMinor = 0] = engines.node.replace('>=', '').split('.').map(Number);
  if (major < leastMajor || (major === leastMajor && minor < leastMinor)) {
    throw missing(`${process.versions.node} is too old. Install Node ${engines.node} and run this again`);
  }
  return `${process.versions.node} at ${process.execPath}`;
}

const python = (): string => `${pythonVersion()} in ${environmentPrefix()}`;

/** The version of an installed Python package, as its metadata folder says. */
function versionBeside(folder: string, distribution: RegExp): string {
  const found = readdirSync(path.dirname(folder)).map((name) => distribution.exec(name)?.[1]);
  return found.find((version) => version !== undefined) ?? 'unknown version';
}

function library(): string {
  const folder = pythonPackage('tensorflow');
  // tensorflow, tensorflow_cpu, ...
  return `${versionBeside(folder, /^tensorflow(?:_cpu|_macos|_intel)?-(.+)\.dist-info$/)} in ${folder}`;
}

async function processors(): Promise<string> {
  // the engine is loaded only here: every other check works without it
  const { backend, devices } = await import('../lib/engine/tfjs/backend.js');
  const { tensorflowVersion } = await import('../lib/engine/tfjs/tensorflow.js');
  // a full name is /job:localhost/replica:0/task:0/device:GPU:0
  const names = devices().map(({ name, model }) => `${name.replace(/^.*device:/, '')} (${model})`);
  const by = backend() === 'tensorflow' ? `TensorFlow ${tensorflowVersion()}` : `tfjs's ${backend()} backend`;
  return `${names.join(', ')}, by ${by}`;
}

function jupyterLab(): string {
  return versionBeside(pythonPackage('jupyterlab'), /^jupyterlab-(\d.*)\.dist-info$/);
}

function kernel(): string {
  const folders = [dataFolderOf({ kind: 'sys-prefix' }), dataFolderOf({ kind: 'user' })];
  const installed = folders.flatMap(list);
  const describe = ({ name, folder, working }: Installed) =>
    `${name} in ${folder}${working ? '' : ' (its program is gone)'}`;
  if (!installed.some(({ working }) => working)) {
    const broken = installed.map(describe).join(', ');
    throw missing(`${broken || 'not registered'}. Run 'credence kernel install'`);
  }
  return installed.map(describe).join(', ');
}

function extension(): string {
  const folder = path.join(environmentPrefix(), 'share', 'jupyter', 'labextensions', 'credence-lab');
  const description = path.join(folder, 'package.json');
  if (!existsSync(description)) throw missing(`not in ${path.dirname(folder)}. ${setUp}`);
  return (JSON.parse(readFileSync(description, 'utf8')) as { version: string }).version;
}

const checks: [subject: string, check: Check][] = [
  ['Node', node],
  ['Python', python],
  ['TensorFlow', library],
  ['Devices', processors],
  ['JupyterLab', jupyterLab],
  ['Kernel', kernel],
  ['Extension', extension],
];

/** Looks for all that Credence uses. A check that fails does not keep the others from being made. */
export async function examine(): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [subject, check] of checks) {
    try {
      findings.push({ subject, ok: true, text: await check() });
    } catch (error) {
      findings.push({ subject, ok: false, text: (error as Error).message });
    }
  }
  return findings;
}

/** The findings as lines for a terminal. */
export const report = (findings: Finding[]): string =>
  findings
    .map(({ subject, ok, text }) => `${ok ? 'ok     ' : 'missing'}  ${subject.padEnd(10)}  ${text}\n`)
    .join('');
