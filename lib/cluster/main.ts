/** A process of a job that `pool` has started. */
import { dial } from './dial';
import { takePart } from './takePart';

const { CREDENCE_WORKERS, CREDENCE_PATIENCE } = process.env;

void takePart(async (mpi) => (mpi.rank === 0 ? dial(process.env) : undefined), {
  workers: CREDENCE_WORKERS === undefined ? undefined : Number(CREDENCE_WORKERS),
  patience: Number(CREDENCE_PATIENCE),
});
