/** From the panel into notebooks: to the cell that logged a metric, and the first snippet. */
import { PageConfig } from '@jupyterlab/coreutils';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';

import { contentsPath, isSameNotebook } from './paths';

export const SNIPPET = '%load_ext nbtrail';

export class Navigator {
  constructor(
    private readonly tracker: INotebookTracker,
    private readonly documents: IDocumentManager | null,
    private readonly activate: (widgetId: string) => void
  ) {}

  /**
   * Select a cell and scroll to it, in its notebook or else in the current one.
   *
   * @returns whether the cell was found
   */
  async reveal(notebook: string | null, cellId: string): Promise<boolean> {
    const candidates = [notebook && (await this.open(notebook)), this.tracker.currentWidget];
    for (const panel of candidates) {
      if (panel && (await this.select(panel, cellId))) {
        return true;
      }
    }
    return false;
  }

  /**
   * Put the snippet into a new first cell of the current notebook.
   *
   * @returns whether there was a notebook
   */
  async insertSnippet(): Promise<boolean> {
    const panel = this.tracker.currentWidget;
    const shared = panel?.content.model?.sharedModel;
    if (!panel || !shared) {
      return false;
    }
    const cell = { cell_type: 'code', source: SNIPPET, metadata: { trusted: true } } as const;
    shared.insertCell(0, cell);
    await this.select(panel, shared.getCell(0).id);
    return true;
  }

  /** The open panel of a notebook, or a new one if the server has such a file. */
  private async open(notebook: string): Promise<NotebookPanel | null> {
    const isOpen = (panel: NotebookPanel) => isSameNotebook(notebook, this.localPath(panel));
    const panel = this.tracker.find(isOpen) ?? (await this.openFile(notebook));
    await panel?.context.ready;
    await panel?.revealed;
    return panel ?? null;
  }

  private async openFile(notebook: string): Promise<NotebookPanel | undefined> {
    const path = contentsPath(notebook, PageConfig.getOption('serverRoot'));
    if (path === null || this.documents === null) {
      return undefined;
    }
    try {
      await this.documents.services.contents.get(path, { content: false });
    } catch {
      return undefined; // Moved or deleted since; the current notebook may still have the cell.
    }
    return this.documents.openOrReveal(path) as NotebookPanel | undefined;
  }

  private localPath({ context }: NotebookPanel): string {
    return this.documents?.services.contents.localPath(context.path) ?? context.path;
  }

  private async select(panel: NotebookPanel, cellId: string): Promise<boolean> {
    const { content } = panel;
    const index = content.widgets.findIndex(cell => cell.model.id === cellId);
    if (index < 0) {
      return false;
    }
    this.activate(panel.id);
    content.deselectAll();
    content.activeCellIndex = index;
    await content.scrollToItem(index, 'smart');
    return true;
  }
}
