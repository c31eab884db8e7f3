/** The images that runs have among their artifacts, by path. */
import type { ArtifactsApi, IFile } from '../api/artifacts';
import { LiveModel, type ILiveState } from '../common/live';

/** Side by side; more are not looked at. */
export const MOST_RUNS = 12;
/** Folders of a run that are looked into. */
const MOST_FOLDERS = 20;
const MOST_IMAGES = 100;

export interface IImagesState extends ILiveState {
  /** The paths, each with the runs that have it. */
  readonly images: ReadonlyMap<string, ReadonlySet<string>>;
}

export class ImagesModel extends LiveModel<IImagesState> {
  constructor(
    private readonly api: Pick<ArtifactsApi, 'folder'>,
    private readonly runIds: () => readonly string[]
  ) {
    super({ ready: false, error: null, images: new Map() });
  }

  protected override async refresh(): Promise<void> {
    const found = await Promise.all(
      this.runIds().map(async id => [id, await this.pathsOf(id)] as const)
    );
    const images = new Map<string, Set<string>>();
    for (const [id, paths] of found) {
      paths.forEach(path => images.set(path, (images.get(path) ?? new Set()).add(id)));
    }
    const common = [...images].sort(
      ([one, a], [other, b]) => b.size - a.size || one.localeCompare(other)
    );
    this.update({ images: new Map(common.slice(0, MOST_IMAGES)), ready: true, error: null });
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
}

function isImage({ kind, kept }: IFile): boolean {
  return kind === 'image' && kept;
}
