/** The tags that nbtrail keeps what people say of a run in. */
export const NOTE = 'mlflow.note.content';
export const STAR = 'nbtrail.star';

/** The tag of a run that has others below it. */
export const PARENT = 'mlflow.parentRunId';

/** The tag of a sweep's run, its space; what begins with it, too, is the sweep's. */
export const SWEEP = 'nbtrail.sweep';

/** The tag of a run that a job executes: the job's id. */
export const JOB = 'nbtrail.job';

/** The tag of a pipeline's run: what the pipeline is called. */
export const PIPELINE = 'nbtrail.pipeline';

/** Metrics of the machine, not of the run, begin with this. */
export const OF_MACHINE = 'system/';
