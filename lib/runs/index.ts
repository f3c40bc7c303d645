/** The runs that are kept on disk: see docs/runs.md. */
export { compare, type ComparedRun } from './compare';
export { type Metrics } from './metricsLog';
export { list, load, remove, type RunSummary, type StoredRun } from './stored';
