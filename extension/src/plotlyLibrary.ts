import type { Plotly } from 'plotly.js-basic-dist-min';

let library: Promise<Plotly> | undefined;

/** Loads Plotly when the first figure needs it. A failed load (the server was away) is tried again the next time. */
export function loadPlotly(): Promise<Plotly> {
  library ??= import('plotly.js-basic-dist-min').then(
    (module) => module.default,
    (error: unknown) => {
      library = undefined;
      throw error;
    },
  );
  return library;
}
