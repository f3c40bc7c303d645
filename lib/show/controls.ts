import { COMM_TARGET, type Control, type Gone, parseRequest, type Reply } from '../figures/wire/messages';
import { type Comm, currentHost, type Host } from '../host';
import { checkpointsIn } from '../runs/checkpoint';
import { findRun } from '../runs/registry';
import { storedIds } from '../runs/runFolder';
import { summary } from '../runs/stored';
import { feedOf, leaveAll } from './feed';

/** Whose front end is listened to. */
let listening: Host | undefined;

/** Answers the front end: obeys its buttons, and sends the states of runs to its views. */
export function listenForControls(): void {
  const host = currentHost();
  if (!host || host === listening) return;
  listening = host;
  host.onComm(COMM_TARGET, (comm) => {
    comm.onMessage((data) => answer(comm, data));
    comm.onClose(() => leaveAll(comm));
  });
}

function answer(comm: Comm, data: unknown): void {
  const request = parseRequest(data);
  if (!request.ok) return;
  const { value } = request;
  const feed = feedOf(value.run);
  switch (value.type) {
    case 'control':
      return comm.send(obey(value));
    case 'follow':
      return feed ? feed.follow(comm, value.have) : comm.send(whatBecameOf(value.run));
    case 'leave':
      return feed?.leave(comm);
  }
}

function obey({ run: id, action }: Control): Reply {
  const run = findRun(id);
  run?.[action]();
  return {
    type: 'reply',
    run: id,
    ok: run !== undefined,
    message: run ? null : 'this kernel does not know the run: it was restarted',
  };
}

/** A run of a process that is gone, or of another one, as far as the disk tells. */
function whatBecameOf(id: string): Gone {
  const stored = storedIds().includes(id) ? summary(id) : undefined;
  const gone = (state: Gone['state'], message: string): Gone => ({ type: 'gone', run: id, state, message });
  if (!stored) return gone('interrupted', 'Its kernel is gone, and it was not kept on disk.');
  const { state, message, folder } = stored;
  switch (state) {
    case 'unreadable':
      return gone('interrupted', `Its kernel is gone, and what is on disk cannot be read: ${message}`);
    case 'running':
    case 'paused':
      return gone('interrupted', 'It goes on in another kernel: its view there is live.');
    case 'done':
      return gone('done', 'It ended after this was saved.');
    case 'stopped':
    case 'failed':
    case 'interrupted': {
      const checkpoint = checkpointsIn(folder)[0];
      const kept = checkpoint
        ? `Kept on disk until step ${checkpoint.step}: resume('${id}')`
        : 'Its first checkpoint had not been written yet.';
      return gone(state, message === null ? kept : `${message}. ${kept}`);
    }
  }
}
