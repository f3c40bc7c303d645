/** The methods of the table, and what each is trained with. */
import {
  adam,
  ensemble,
  laplace,
  type Layer,
  layers,
  map,
  mcDropout,
  type Method,
  nuts,
  type Optimizer,
  sequential,
  sgd,
  sghmc,
  swag,
  vi,
} from '../../lib';

export interface Trained {
  model: Layer;
  method: Method;
  /** Without an optimiser of methods that make steps of their own. */
  training?: { optimizer?: Optimizer; epochs: number; batchSize: number };
  /** Draws of a prediction. */
  samples: number;
}

/** Passes over the data, so that sets of all sizes get so many steps of 32 data. */
const STEPS = 12_000;
const BATCH = 32;

const training = (rows: number, optimizer?: Optimizer) => ({
  training: { ...(optimizer && { optimizer }), epochs: Math.ceil((STEPS * BATCH) / rows), batchSize: BATCH },
});

/** One hidden layer of 50 rectified linear units, as in all papers of this benchmark. */
const network = (dropout = 0): Layer =>
  sequential([
    layers.dense({ units: 50, activation: 'relu' }),
    ...(dropout > 0 ? [layers.dropout({ rate: dropout })] : []),
    layers.dense({ units: 1 }),
  ]);

/** @param rows of the data to learn from */
export const methods = {
  map: (rows: number): Trained => ({
    model: network(),
    method: map(),
    ...training(rows, adam(3e-3)),
    samples: 1,
  }),
  'mean-field VI': (rows: number): Trained => ({
    model: network(),
    method: vi({ samples: 8, klWeight: { steps: STEPS / 4 } }),
    ...training(rows, adam(3e-3)),
    samples: 256,
  }),
  'MC dropout': (rows: number): Trained => ({
    model: network(0.05),
    method: mcDropout(),
    ...training(rows, adam(3e-3)),
    samples: 256,
  }),
  'deep ensemble': (rows: number): Trained => ({
    model: network(),
    method: ensemble({ members: 5 }),
    ...training(rows, adam(3e-3)),
    samples: 5,
  }),
  SWAG: (rows: number): Trained => ({
    model: network(),
    method: swag({ every: Math.max(1, Math.round((STEPS / 4 / 40) * (BATCH / rows))) }),
    ...training(rows, sgd(5e-3)),
    samples: 64,
  }),
  Laplace: (rows: number): Trained => ({
    model: network(),
    method: laplace(),
    ...training(rows, adam(3e-3)),
    samples: 256,
  }),
  SGHMC: (rows: number): Trained => ({ model: network(), method: sghmc(), ...training(rows), samples: 128 }),
  NUTS: (): Trained => ({
    model: network(),
    method: nuts({ chains: 2, warmup: 200, draws: 200, maxTreeDepth: 6 }),
    samples: 256,
  }),
} satisfies Record<string, (rows: number) => Trained>;

export type MethodName = keyof typeof methods;
