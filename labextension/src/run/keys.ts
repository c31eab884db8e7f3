/** The tags that nbtrail keeps what people say of a run in. */
export const NOTE = 'mlflow.note.content';
export const STAR = 'nbtrail.star';

/** Metrics of the machine, not of the run, begin with this. */
export const OF_MACHINE = 'system/';
