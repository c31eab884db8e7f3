/** The images that runs have among their artifacts, by path. */
import type { ArtifactsApi, IFile } from '../api/artifacts';
import type { ITable } from '../api/charts';
import { LiveModel, type ILiveState } from '../common/live';
import { drawnRows, type ICompareState } from './model';

/** Side by side; more are not looked at. */
export const MOST_RUNS = 12;
/** Folders of a run that are looked into. */
const MOST_FOLDERS = 20;
const MOST_IMAGES = 100;

export interface IImagesState extends ILiveState {
  /** The paths, each with the runs that have it. */
  readonly images: ReadonlyMap<string, ReadonlySet<string>>;
}

interface IImagesOfRun {
  readonly runId: string;
  /** When the run ended; null while it goes on. */
  readonly stamp: number | null;
  readonly paths: readonly string[];
}

type Compared = Pick<ICompareState, 'choice' | 'table'>;

export class ImagesModel extends LiveModel<IImagesState> {
  constructor(
    private readonly api: Pick<ArtifactsApi, 'folder'>,
    private readonly compared: () => Compared
  ) {
    super({ ready: false, error: null, images: new Map() });
  }

  protected override async refresh(): Promise<void> {
    const compared = this.compared();
    const found = await Promise.all(
      drawnRows(compared)
        .slice(0, MOST_RUNS)
        .map(async row => this.imagesOf(compared, row))
    );
    const images = new Map<string, Set<string>>();
    for (const { runId, paths } of found) {
      paths.forEach(path => images.set(path, (images.get(path) ?? new Set()).add(runId)));
    }
    const common = [...images].sort(
      ([one, a], [other, b]) => b.size - a.size || one.localeCompare(other)
    );
    this.update({ images: new Map(common.slice(0, MOST_IMAGES)), ready: true, error: null });
  }

  /** Of a row of the table; a run that has ended is asked about once. */
  private async imagesOf({ table }: Compared, row: number): Promise<IImagesOfRun> {
    const { run_id, end } = (table as ITable).runs;
    const [runId, stamp] = [run_id[row], end[row]];
    const known = this.known.get(runId);
    if (known && stamp !== null && known.stamp === stamp) {
      return known;
    }
    const made = { runId, stamp, paths: await this.pathsOf(runId) };
    this.known.set(runId, made);
    return made;
  }

  /** Of the run's folder, and of the folders in it. */
  private async pathsOf(runId: string): Promise<string[]> {
    const { files } = await this.api.folder(runId, '');
    const folders = files.filter(file => file.is_dir).slice(0, MOST_FOLDERS);
    const inside = await Promise.all(folders.map(({ path }) => this.api.folder(runId, path)));
    return [...files, ...inside.flatMap(folder => folder.files)]
      .filter(isImage)
      .map(({ path }) => path);
  }

  private readonly known = new Map<string, IImagesOfRun>();
}

function isImage({ kind, kept }: IFile): boolean {
  return kind === 'image' && kept;
}
