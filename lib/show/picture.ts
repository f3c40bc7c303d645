import { inspect } from 'node:util';
import { viewBundle, viewText } from '../figures/bundle';
import { type Figure, type View, WIRE_VERSION } from '../figures/wire/messages';
import { type Displayable, displaySymbol, type MimeBundle } from '../host';

/** A picture: the last value of a cell, it shows itself; elsewhere it prints what it shows. */
export class Picture implements Displayable {
  /** @internal */
  constructor(
    /** @internal */
    readonly figures: readonly Figure[],
  ) {}

  private get view(): View {
    return { version: WIRE_VERSION, kind: 'figure', figures: [...this.figures] };
  }

  [displaySymbol](): MimeBundle {
    return viewBundle(this.view);
  }

  toString(): string {
    return viewText(this.view);
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** Figures that are looked at together. */
export const picture = (...figures: readonly Figure[]): Picture => new Picture(figures);
