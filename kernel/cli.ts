#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { CredenceError } from '../lib/errors';
import { examine, report } from './doctor';
import { dataFolderOf, install, list, type Target, uninstall } from './install';

const usage = `Usage: credence <command>

  doctor                        shows what was found: Node, Python, TensorFlow, devices, kernel, extension
  kernel install [options]      registers the TypeScript kernel with Jupyter
  kernel uninstall [options]    removes the registration
  kernel list [options]         shows the registrations

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

/** Runs a command line. @returns the exit status */
async function run(line: string[]): Promise<number> {
  const { values, positionals } = parse(line);
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
