import type { Widget } from '@lumino/widgets';

/** What is used of a notebook: its package cannot be had from npm, so this says what the shared model of one offers. */
interface Notebook {
  content: { activeCellIndex: number };
  model: {
    sharedModel: {
      insertCell(index: number, cell: { cell_type: 'code'; source: string }): unknown;
    };
  } | null;
}

const isNotebook = (widget: unknown): widget is Notebook => {
  const { content, model } = (widget ?? {}) as Partial<Notebook>;
  return typeof content?.activeCellIndex === 'number' && typeof model?.sharedModel.insertCell === 'function';
};

/** Puts a cell below the active one of a notebook, and makes it the active one. Returns whether the widget is a notebook. */
export function insertCell(widget: Widget | undefined, source: string): boolean {
  if (!isNotebook(widget)) return false;
  const index = widget.content.activeCellIndex + 1;
  widget.model?.sharedModel.insertCell(index, { cell_type: 'code', source });
  widget.content.activeCellIndex = index;
  return true;
}
