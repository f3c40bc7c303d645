import type { StreamName } from './channel';
import type { Header } from './message';

/** Milliseconds for which printed text is gathered into one message. */
const GATHER = 50;
/** Characters at which gathered text is sent at once. */
const LARGE = 64 * 1024;

/** A stream of a cell. */
export interface Stream {
  name: StreamName;
  parent: Header;
}

/**
 * Gathers printed text: one message a line would drown the front end (100,000 lines become a few dozen messages). This
 * happens on the transport thread, whose timer fires while a cell loops on the main thread.
 */
export class Gather {
  private stream: Stream | undefined;
  private chunks: string[] = [];
  private size = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly send: (stream: Stream, text: string) => void) {}

  /** Where the text to come belongs. */
  select(stream: Stream): void {
    this.flush();
    this.stream = stream;
  }

  print(text: string): void {
    this.chunks.push(text);
    this.size += text.length;
    if (this.size >= LARGE) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), GATHER);
  }

  /** Sends the text gathered so far. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const text = this.chunks.join('');
    this.chunks = [];
    this.size = 0;
    if (this.stream && text !== '') this.send(this.stream, text);
  }
}
