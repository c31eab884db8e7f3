/** Experiments by their tag `project`. */
import type { IExperiment } from '../tokens';

export const PROJECT_TAG = 'project';

export interface IProject {
  /** Null: those without the tag. */
  name: string | null;
  experiments: IExperiment[];
}

/** The projects in the order of their first experiment, each with its experiments in theirs. */
export function byProject(experiments: readonly IExperiment[]): IProject[] {
  const projects = new Map<string | null, IExperiment[]>();
  for (const experiment of experiments) {
    const name = experiment.tags[PROJECT_TAG] || null;
    projects.set(name, [...(projects.get(name) ?? []), experiment]);
  }
  return [...projects].map(([name, members]) => ({ name, experiments: members }));
}
