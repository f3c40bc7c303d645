import type { Adjustments } from '../../lib/figures/adjust';

/** How figures are shown until the person changes them there; the settings of JupyterLab, where there are any, say so. */
export const preferences: Partial<Pick<Adjustments, 'smoothing' | 'legend'>> = {};
