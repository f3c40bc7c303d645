import { elbo } from './elbo';
import { predictive } from './predictive';
import { predictivePerWorker } from './predictivePerWorker';

export const objectives = { elbo, predictive, predictivePerWorker } as const;
/** Names of objectives. @inline */
export type ObjectiveName = keyof typeof objectives;
export const objectiveNames = Object.keys(objectives) as ObjectiveName[];
