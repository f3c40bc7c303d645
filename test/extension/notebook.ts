import type { MimeBundle } from '../../lib/host';

/** A code cell: its source and the rich outputs saved with it. */
export interface Cell {
  source: string;
  outputs?: readonly MimeBundle[];
}

/** A saved notebook (nbformat 4.5) for the Python kernel, which every JupyterLab has. */
export const notebook = (cells: readonly Cell[]): string =>
  JSON.stringify({
    cells: cells.map(({ source, outputs = [] }, i) => ({
      cell_type: 'code',
      id: `cell-${i}`,
      source,
      metadata: {},
      execution_count: outputs.length > 0 ? 1 : null,
      outputs: outputs.map((data) => ({ output_type: 'display_data', data, metadata: {} })),
    })),
    metadata: { kernelspec: { name: 'python3', display_name: 'Python 3', language: 'python' } },
    nbformat: 4,
    nbformat_minor: 5,
  });
