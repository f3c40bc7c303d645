import { CredenceError } from '../errors';
import { parseRunsRequest, RUNS_TARGET, type RunsAnswer, type RunsRequest } from '../figures/wire/runsWire';
import { type Comm, currentHost, displaySymbol } from '../host';
import { MIME_TYPE, WIRE_VERSION } from '../figures/wire/messages';
import { activeRuns, findRun } from '../runs/registry';
import type { Run } from '../runs/run';
import { runsRoot } from '../runs/runFolder';
import { remove } from '../runs/stored';
import { RunsLister } from './runsList';
import { comparison, storedView } from './storedView';

type Question = Exclude<RunsRequest, { type: 'watch' }>;
type Answer = RunsAnswer extends infer A ? (A extends RunsAnswer ? Omit<A, 'question'> : never) : never;

/** Goes on with a run, as `resume` does. */
export type Resume = (id: string) => Run;

/** Shows front ends the runs of this process and of the disk, as long as they look, and does with them what they ask. */
export function listenForRunsPanels(resume: Resume): void {
  currentHost()?.onComm(RUNS_TARGET, (comm) => serve(comm, resume));
}

function serve(comm: Comm, resume: Resume): void {
  const lister = new RunsLister();
  let limit = 1;
  let timer: NodeJS.Timeout | undefined;
  let told = '';
  const tell = (): void => {
    const list = listOrTrouble(lister, limit);
    const text = JSON.stringify(list);
    if (text !== told) comm.send(list);
    told = text;
  };
  comm.onMessage((data) => {
    const request = parseRunsRequest(data);
    if (!request.ok) return;
    if (request.value.type === 'watch') {
      limit = request.value.limit;
      told = '';
      clearInterval(timer);
      timer = setInterval(tell, request.value.every).unref();
    } else {
      comm.send({ ...answer(request.value, resume), question: request.value.question });
    }
    tell();
  });
  comm.onClose(() => clearInterval(timer));
}

/** Where the folder of runs cannot be read, there is nothing to list, and that is said. */
function listOrTrouble(lister: RunsLister, limit: number): ReturnType<RunsLister['list']> {
  try {
    return lister.list(limit);
  } catch (error) {
    const trouble = (error as Error).message;
    return { type: 'list', wire: WIRE_VERSION, runs: [], total: 0, folder: runsRoot(), trouble };
  }
}

function answer(question: Question, resume: Resume): Answer {
  try {
    switch (question.type) {
      case 'open':
        return { type: 'view', view: viewOf(question.run) };
      case 'compare':
        return { type: 'comparison', ...comparison(question.runs) };
      case 'resume':
        return goOn(question.run, resume);
      case 'remove':
        remove(question.run);
        return { type: 'removed' };
    }
  } catch (error) {
    if (!(error instanceof CredenceError)) throw error;
    return { type: 'refused', message: error.message };
  }
}

/** A run of this process shows itself; of others there is what they have written. */
function viewOf(id: string): unknown {
  const run = activeRuns().find((each) => each.id === id);
  if (!run) return storedView(id);
  return (run as unknown as { [displaySymbol](): Record<string, unknown> })[displaySymbol]()[MIME_TYPE];
}

/** This process knows what its last run was started with; of others the person has to say it. */
function goOn(id: string, resume: Resume): Answer {
  if (findRun(id)) return { type: 'resumed', run: resume(id).id };
  const code = [
    `import { resume } from 'credence';`,
    `// the model, the data and the options that the run was started with`,
    `resume('${id}', model, data, options)`,
  ];
  return { type: 'code', code: code.join('\n') };
}
