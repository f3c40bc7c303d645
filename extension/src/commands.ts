import type { JupyterFrontEnd } from '@jupyterlab/application';
import { type ICommandPalette, type ISessionContext, showErrorMessage } from '@jupyterlab/apputils';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { ListedRun } from '../../lib/figures/wire/runsWire';
import type { CurrentKernel, KernelConnection } from './currentKernel';
import { credenceIcon } from './icons';
import { insertCell } from './notebookCells';
import type { RunLink } from './runLink';
import { t } from './texts';

export const commandIds = {
  show: 'credence:show-runs',
  compare: 'credence:compare-runs',
  pause: 'credence:pause-run',
  resume: 'credence:resume-run',
  stop: 'credence:stop-run',
  snippet: 'credence:insert-example',
  quickstart: 'credence:open-quickstart',
  documentation: 'credence:open-documentation',
} as const;

export interface CommandOptions {
  app: JupyterFrontEnd;
  current: CurrentKernel;
  /** How JupyterLab shows Markdown. */
  rendermime: IRenderMimeRegistry;
  linkTo(context: ISessionContext): RunLink;
  /** Brings the list of runs to the front. */
  show(): void;
  /** Compares what is chosen in the list. */
  compare(): Promise<void>;
}

/** What a person can do with runs by name: from the command palette, by shortcuts, from the launcher. */
export function addCommands(options: CommandOptions, palette: ICommandPalette | null): void {
  const { app, current, rendermime, show, compare } = options;
  const isOurs = (): boolean => current.situation.kind === 'ours';
  const add = (
    id: string,
    label: string,
    execute: (args: Arguments) => unknown,
    isEnabled?: () => boolean,
  ): void => {
    app.commands.addCommand(id, {
      label,
      icon: credenceIcon,
      execute: async (args) => {
        try {
          await execute(args);
        } catch (error) {
          void showErrorMessage('Credence', (error as Error).message);
        }
      },
      ...(isEnabled && { isEnabled }),
    });
    palette?.addItem({ command: id, category: 'Credence' });
  };
  add(commandIds.show, t('Show the runs'), show);
  add(commandIds.compare, t('Compare the chosen runs'), compare, isOurs);
  add(commandIds.pause, t('Pause the current run'), () => control(options, 'pause'), isOurs);
  add(commandIds.resume, t('Resume the current run'), () => control(options, 'resume'), isOurs);
  add(commandIds.stop, t('Stop the current run'), () => control(options, 'stop'), isOurs);
  add(commandIds.snippet, t('Insert an example'), () => insertExample(options), isOurs);
  add(commandIds.quickstart, t('Credence quickstart'), async ({ cwd }) => {
    const { openQuickstart } = await import('./quickstart');
    await openQuickstart(app, cwd ?? '');
  });
  add(commandIds.documentation, t('Credence documentation'), async () => {
    const { openDocumentation } = await import('./documentation');
    await openDocumentation(app, rendermime);
  });
}

interface Arguments {
  /** The folder that the launcher was opened in. */
  cwd?: string;
}

async function insertExample({ current }: CommandOptions): Promise<void> {
  const { snippet } = await import('./quickstart');
  insertCell(current.widget, snippet);
}

/** Does it to the run that was started last of those that have not ended. */
async function control(
  { current, linkTo }: CommandOptions,
  action: 'pause' | 'resume' | 'stop',
): Promise<void> {
  const { situation } = current;
  if (situation.kind !== 'ours') return;
  const run = await lastActive(situation.kernel);
  if (!run) throw new Error(t('No run is active in this kernel.'));
  const reply = await linkTo(situation.context).control(run.id, action);
  if (!reply.ok) throw new Error(reply.message ?? t('The run could not do that.'));
}

async function lastActive(kernel: KernelConnection): Promise<ListedRun | undefined> {
  const { RunsLink } = await import('./runsLink');
  const runs = await new Promise<ListedRun[]>((resolve, reject) => {
    const link = new RunsLink(kernel, {
      list: (list) => {
        link.close();
        resolve(list.runs);
      },
      problem: (message) => reject(new Error(message)),
    });
    link.watch(60_000, 1);
  });
  return runs.find(({ live }) => live);
}
