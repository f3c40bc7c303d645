import { CredenceError } from '../lib/errors';
import type { Cell } from './cell';
import type { Link } from './link';
import type { Message } from './message';

interface Question {
  msgId: string;
  answer: (value: string) => void;
}

/** Questions to the person: `await input('How many? ')`. */
export class Inputs {
  private question: Question | undefined;

  constructor(private readonly link: Link) {}

  /**
   * Asks in the front end that runs the cell. A later question takes the place of an unanswered one.
   * @throws CredenceError E_KERNEL if that front end cannot ask
   */
  ask(cell: Cell | undefined, prompt: string, password: boolean): Promise<string> {
    if (!cell?.allowInput) {
      throw new CredenceError(
        'E_KERNEL',
        'input() is not possible here: this front end does not answer questions. Assign the value in the cell',
      );
    }
    const content = { prompt, password };
    const { msg_id } = this.link.send('stdin', cell.identities, 'input_request', cell.parent, content);
    return new Promise((answer) => (this.question = { msgId: msg_id, answer }));
  }

  /** input_reply. */
  reply({ parent, content }: Message): void {
    const { question } = this;
    // jupyter_client does not say which question it answers, JupyterLab does
    if (!question || (parent.msg_id !== undefined && parent.msg_id !== question.msgId)) return;
    const { value } = content;
    if (typeof value !== 'string') return;
    this.question = undefined;
    question.answer(value);
  }
}
