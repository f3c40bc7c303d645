import { COMM_TARGET, parseControl, type Reply } from '../figures/wire';
import { currentHost, type Host } from '../host';
import { findRun } from '../runs/registry';

/** Whose front end is listened to. */
let listening: Host | undefined;

/** Obeys the buttons of the front end: pause, resume and stop. */
export function listenForControls(): void {
  const host = currentHost();
  if (!host || host === listening) return;
  listening = host;
  host.onComm(COMM_TARGET, (comm) => {
    comm.onMessage((data) => {
      const request = parseControl(data);
      if (request.ok) comm.send(obey(request.value));
    });
  });
}

function obey({ run: id, action }: { run: string; action: 'pause' | 'resume' | 'stop' }): Reply {
  const run = findRun(id);
  if (!run)
    return {
      type: 'reply',
      run: id,
      ok: false,
      message: 'this kernel does not know the run: it was restarted',
    };
  run[action]();
  return { type: 'reply', run: id, ok: true, message: null };
}
