import { LabIcon } from '@jupyterlab/ui-components';

/** A curve inside its band of uncertainty; the theme gives it its colour. */
export const credenceIcon = new LabIcon({
  name: 'credence-lab:runs',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3" fill="#616161">
    <path opacity="0.45" d="M3 11C7 11 8 4 12 4s5 5 9 2v10c-4 3-5-2-9-2s-5 5-9 5z"/>
    <path d="M3 16.1c5.2 0 5.600-6.200 9-6.200 3 0 4.800 3.700 9 1.200v-2.200c-4.200 2.600-5.800-1.200-9-1.200-4.800 0-5.200 6.200-9 6.200z"/>
  </g>
</svg>`,
});
