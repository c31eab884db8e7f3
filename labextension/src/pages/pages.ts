/** Opens pages in the main area, and finds those that are open. */
import { MainAreaWidget, type WidgetTracker } from '@jupyterlab/apputils';
import { PageConfig, URLExt } from '@jupyterlab/coreutils';
import { type ISignal, Signal } from '@lumino/signaling';
import { StackedPanel } from '@lumino/widgets';

import { trailIcon } from '../common/icons';
import type { IServices } from '../tokens';
import { type IPageLink, searchFor } from './link';
import type { IPageHost, IPageKind, PageState } from './page';

/** A tab of the main area; its page is drawn as soon as the code of it is there. */
export class PageWidget extends MainAreaWidget<StackedPanel> {
  constructor(
    readonly kind: IPageKind,
    public state: PageState,
    module: Promise<unknown>
  ) {
    super({ content: new StackedPanel(), reveal: module });
    this.id = idOf(kind, state);
    this.addClass('nbtrail-Page');
    this.title.icon = trailIcon;
    this.title.label = kind.title;
    this.title.caption = kind.title;
    this.title.closable = true;
  }

  /** Emits the state in which it was asked for again. */
  get asked(): ISignal<this, PageState> {
    return this._asked;
  }

  /** Show something else of what it is about; what is not given stays. */
  ask(state: PageState): void {
    this.state = { ...this.state, ...state };
    this._asked.emit(state);
  }

  get link(): IPageLink {
    return { kind: this.kind.id, state: this.state };
  }

  private readonly _asked = new Signal<this, PageState>(this);
}

/** Where pages go: JupyterLab's main area; null where the application has none for tabs. */
export interface IMainArea {
  add(widget: PageWidget): void;
  activate(id: string): void;
}

export class Pages {
  constructor(
    private readonly services: IServices,
    private readonly tracker: WidgetTracker<PageWidget>,
    private readonly area: IMainArea | null
  ) {}

  /** Say what a kind of page is; links to it can be opened from now on. */
  add(kind: IPageKind): void {
    this.kinds.set(kind.id, kind);
  }

  /**
   * Open a page, or bring it to the front.
   *
   * @returns whether there is such a kind of page
   */
  open({ kind: id, state }: IPageLink): boolean {
    const kind = this.kinds.get(id);
    if (kind === undefined) {
      return false;
    }
    if (this.area === null) {
      window.open(this.address({ kind: id, state }), '_blank', 'noopener');
      return true;
    }
    const known = this.tracker.find(widget => widget.id === idOf(kind, state));
    known?.ask(state);
    this.area.activate((known ?? this.made(kind, state, this.area)).id);
    return true;
  }

  /** The URL that opens a page in JupyterLab. */
  address(link: IPageLink): string {
    const lab = URLExt.join(PageConfig.getBaseUrl(), 'lab');
    return new URL(lab + searchFor(link), window.location.href).href;
  }

  private made(kind: IPageKind, state: PageState, area: IMainArea): PageWidget {
    const module = kind.load();
    const widget = new PageWidget(kind, state, module);
    void this.tracker.add(widget);
    area.add(widget);
    void module.then(({ create }) => {
      if (!widget.isDisposed) {
        widget.content.addWidget(create(this.hostOf(widget)));
      }
    });
    return widget;
  }

  private hostOf(widget: PageWidget): IPageHost {
    return {
      services: this.services,
      state: widget.state,
      asked: widget.asked,
      setState: state => {
        widget.state = state;
        void this.tracker.save(widget);
      },
      setTitle: title => {
        widget.title.label = title;
        widget.title.caption = title;
      },
      close: () => widget.dispose(),
      open: (kind, state) => void this.open({ kind, state })
    };
  }

  private readonly kinds = new Map<string, IPageKind>();
}

function idOf(kind: IPageKind, state: PageState): string {
  return `nbtrail-${kind.id}-${kind.key(state)}`;
}
