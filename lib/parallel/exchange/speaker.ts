import type { Mpi, Pending } from '../../mpi';
import { type Agreement, type Control, type Decision, PeerDied } from '../memory/control';
import { activities, type Losses, type Meeting, type Place, told } from '../memory/meeting';
import type { Times } from '../memory/stopwatch';

/** The first worker of a process: speaks for it with those of the others. All of them must say the same things in the same order. */
export class Speaker {
  private readonly minutes: Float64Array;

  constructor(
    private readonly mpi: Mpi,
    private readonly meeting: Meeting,
    private readonly control: Control,
    private readonly place: Place,
  ) {
    this.minutes = new Float64Array(meeting.length);
  }

  /** Tells the losses of this process and how its time is spent; learns those of all, and what all do after this step. */
  meet(losses: Losses, times: Times): void {
    const { minutes, control, place } = this;
    // the others wish nothing: the sum is what the first one says
    const wish = place.number === 0 ? control.takeWish() : undefined;
    minutes.fill(0);
    minutes.set([losses.nll, losses.kl, wish?.decision ?? 0, wish?.save ? 1 : 0]);
    minutes.set(
      activities.map((activity) => times[activity]),
      told.length + place.number * activities.length,
    );
    this.sum(minutes);
    this.meeting.write(minutes);
    const agreement: Agreement = { decision: minutes[2] as Decision, save: minutes[3] === 1 };
    control.decree(agreement);
  }

  get processes(): number {
    return this.place.count;
  }

  /** Adds up over all processes, in place. @throws CredenceError E_MPI, PeerDied */
  sum(values: Float32Array | Float64Array): void {
    this.wait(this.mpi.startAllreduce(values));
  }

  /** Sends each process its part of `from`; parts of `to` are what each has sent. @throws CredenceError E_MPI, PeerDied */
  swap(from: ArrayBufferView, to: ArrayBufferView): void {
    this.wait(this.mpi.startAlltoall(from, to));
  }

  /** Sends all processes these values; parts of `to` are those of each. @throws CredenceError E_MPI, PeerDied */
  gather(values: ArrayBufferView, to: ArrayBufferView): void {
    this.wait(this.mpi.startAllgather(values, to));
  }

  private wait(pending: Pending): void {
    const { control, place } = this;
    try {
      pending.wait({ deadline: place.patience, abandoned: () => control.isBroken });
    } catch (error) {
      if (control.isBroken) throw new PeerDied(); // which is the cause, and not that nobody waits
      throw error;
    }
  }
}
