import { palette } from './palette';
import type { ScatterTrace } from './wire/plotly';

/** Where predictions lie that are calibrated: as much is observed as is expected. */
export const diagonal: ScatterTrace = {
  type: 'scatter',
  mode: 'lines',
  name: 'calibrated',
  x: [0, 1],
  y: [0, 1],
  line: { color: palette.grey, width: 1.5, dash: 'dash' },
  hoverinfo: 'skip',
};
