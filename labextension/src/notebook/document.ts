/** A notebook as the recorder in its kernel wants to know it: its cells, and what it says of names. */
import type { INotebookModel } from '@jupyterlab/notebook';
import type { JSONObject } from '@lumino/coreutils';

/** A cell as it stands in the notebook, which may not be as it was executed. */
export interface IDocumentCell extends JSONObject {
  cell_id: string;
  kind: 'code' | 'markdown' | 'raw';
  source: string;
  tags: string[];
}

/** A notebook that is open. */
export interface ILiveNotebook {
  cells(): IDocumentCell[];
  /** What `%track ignore`, `param`, `metric` and `rename` have said in it. */
  rules: JSONObject;
}

/** The key of the notebook's metadata that the rules are kept under. */
const METADATA = 'nbtrail';

/** An open notebook, by the model that its views share. */
export class LiveNotebook implements ILiveNotebook {
  constructor(private readonly model: () => INotebookModel | null) {}

  cells(): IDocumentCell[] {
    return (this.model()?.sharedModel.cells ?? []).map(cell => ({
      cell_id: cell.id,
      kind: cell.cell_type as IDocumentCell['kind'],
      source: cell.source,
      tags: (cell.metadata.tags as string[] | undefined) ?? []
    }));
  }

  get rules(): JSONObject {
    return (this.model()?.getMetadata(METADATA) as JSONObject | undefined) ?? {};
  }

  set rules(rules: JSONObject) {
    if (Object.keys(rules).length > 0) {
      this.model()?.setMetadata(METADATA, rules);
    } else {
      this.model()?.deleteMetadata(METADATA);
    }
  }
}
