/** A figure that can show what lies at a step. */
export interface Hoverable {
  showAt(step: number): void;
  showNothing(): void;
}

/** Figures over the same steps: where the pointer is in one, the others show their values. */
export class HoverGroup {
  private readonly members = new Set<Hoverable>();

  add(member: Hoverable): void {
    this.members.add(member);
  }

  remove(member: Hoverable): void {
    this.members.delete(member);
  }

  /** The pointer is at a step in one of them, or has left. */
  hovered(from: Hoverable, step: number | undefined): void {
    for (const member of this.members) {
      if (member === from) continue;
      if (step === undefined) member.showNothing();
      else member.showAt(step);
    }
  }
}
