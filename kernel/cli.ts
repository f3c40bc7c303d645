#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { CredenceError } from '../lib/errors';
import { examine, report } from './doctor';
import { dataFolderOf, install, list, type Target, uninstall } from './install';

const usage = `Usage: credence <command>

  doctor                        shows what was found: Node, Python, TensorFlow, devices, kernel, extension
  train <script> [options]      runs a script in TypeScript; started by mpirun or srun, fit trains on all processes of the job
  kernel install [options]      registers the TypeScript kernel with Jupyter
  kernel uninstall [options]    removes the registration
  kernel list [options]         shows the registrations

Options of 'credence train', before the name of the script (what follows it is for the script):
  --workers <n>     of each process (default: its share of the GPUs of its machine, or of the cores)
  --patience <s>    seconds that a process waits for the others in a step (default: 300)

Options of 'credence kernel':
  --sys-prefix      in the Python environment in use (the default)
  --user            for this user, in all environments
  --prefix <folder> below another prefix
  --name <name>     the name of the registration (default: credence)
`;

const options = {
  'sys-prefix': { type: 'boolean' },
  user: { type: 'boolean' },
  prefix: { type: 'string' },
  name: { type: 'string' },
  workers: { type: 'string' },
  patience: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

const say = (text: string): void => void process.stdout.write(text);

/** A command line that makes no sense. */
class UsageError extends Error {}

function parse(line: string[]) {
  try {
    return parseArgs({ args: line, options, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

type Values = ReturnType<typeof parse>['values'];

function targetOf(values: Values): Target | undefined {
  const given = (['sys-prefix', 'user', 'prefix'] as const).filter((name) => values[name] !== undefined);
  if (given.length > 1) throw new UsageError(`--${given.join(' and --')} exclude each other`);
  if (values.prefix !== undefined) return { kind: 'prefix', prefix: values.prefix };
  if (values.user) return { kind: 'user' };
  return values['sys-prefix'] ? { kind: 'sys-prefix' } : undefined;
}

function showList(target: Target | undefined): void {
  const targets: Target[] = target ? [target] : [{ kind: 'sys-prefix' }, { kind: 'user' }];
  const installed = targets.map(dataFolderOf).flatMap(list);
  if (installed.length === 0) say("not registered. Run 'credence kernel install'\n");
  for (const { name, folder, working } of installed) {
    say(`${name}  ${folder}${working ? '' : "  (its program is gone: run 'credence kernel install')"}\n`);
  }
}

function kernel(action: string | undefined, values: Values): void {
  const target = targetOf(values);
  const [place, name] = [target ?? { kind: 'sys-prefix' as const }, values.name ?? 'credence'];
  switch (action) {
    case 'install':
      return say(`registered '${name}' in ${install(place, name)}\n`);
    case 'uninstall':
      return say(`removed ${uninstall(place, name)}\n`);
    case 'list':
      return showList(target);
    default:
      throw new UsageError(action ? `unknown command 'kernel ${action}'` : "'kernel' needs a command");
  }
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (value > 0 && (name !== '--workers' || Number.isInteger(value))) return value;
  throw new UsageError(`${name} must be a positive number, got '${text}'`);
}

/** What follows 'train' and its options is the script with arguments of its own, which are not ours to read. */
function splitScript(line: readonly string[]): { line: string[]; script: string[] } {
  if (line[0] !== 'train') return { line: [...line], script: [] };
  let at = 1;
  while (line[at]?.startsWith('-')) at += /^--(workers|patience)$/.test(line[at]!) ? 2 : 1;
  return { line: line.slice(0, at), script: line.slice(at) };
}

/** Runs a command line. @returns the exit status */
async function run(line: string[]): Promise<number> {
  const { line: own, script } = splitScript(line);
  const { values, positionals } = parse(own);
  const [command, action, ...more] = positionals;
  if (values.help) {
    say(usage);
    return 0;
  }
  const surplus = command === 'kernel' ? more : [action, ...more].filter((word) => word !== undefined);
  if (surplus.length > 0) throw new UsageError(`too many words: '${surplus.join(' ')}'`);
  switch (command) {
    case 'doctor': {
      const findings = await examine();
      say(report(findings));
      return findings.every(({ ok }) => ok) ? 0 : 1;
    }
    case 'kernel':
      kernel(action, values);
      return 0;
    case 'train':
      if (script.length === 0) throw new UsageError("'train' needs a script");
      const { train } = await import('./train.js'); // only now: it loads the library
      await train(script, {
        workers: values.workers === undefined ? undefined : positive('--workers', values.workers),
        patience: positive('--patience', values.patience ?? '300'),
      });
      return 0;
    default:
      throw new UsageError(command === undefined ? 'a command is missing' : `unknown command '${command}'`);
  }
}

run(process.argv.slice(2)).then(
  (status) => (process.exitCode = status),
  (error: unknown) => {
    const known = error instanceof UsageError || error instanceof CredenceError;
    const text = known ? error.message : String((error as Error).stack);
    process.stderr.write(`credence: ${text}\n${error instanceof UsageError ? `\n${usage}` : ''}`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);
