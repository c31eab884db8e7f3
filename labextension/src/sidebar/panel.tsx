/** The panel in the left sidebar: one section above the other, of which those open are at work. */
import { SidePanel } from '@jupyterlab/ui-components';
import type { AccordionPanel, Widget } from '@lumino/widgets';
import React from 'react';

import { ServicesContext } from '../common/context';
import { trailIcon } from '../common/icons';
import type { ILive, ILiveState } from '../common/live';
import { LiveWidget } from '../common/widget';
import type { IServices } from '../tokens';

export const PANEL_ID = 'nbtrail-panel';

/** A part of the panel. */
export interface ISection {
  id: string;
  title: string;
  model: Pick<ILive<ILiveState>, 'active'>;
  content: React.JSX.Element;
}

export class TrailPanel extends SidePanel {
  constructor(services: IServices, sections: readonly ISection[]) {
    super();
    const name = services.trans.__('nbtrail: experiments and runs');
    this.id = PANEL_ID;
    this.addClass('nbtrail-Panel');
    this.title.icon = trailIcon;
    this.title.caption = name;
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', name);
    this.content.node.removeAttribute('role');
    this.content.node.removeAttribute('aria-label');
    for (const section of sections) {
      this.addWidget(sectionWidget(services, section));
    }
    this.openSections = sections.slice(0, 1).map(({ id }) => id);
    this.sectionToggled.connect((_, index) => makeRoom(this.accordion, index));
  }

  /** Emits when a section was opened or closed. */
  get sectionToggled(): AccordionPanel['expansionToggled'] {
    return this.accordion.expansionToggled;
  }

  /** The ids of the sections that are open. */
  get openSections(): string[] {
    return this.accordion.widgets.filter(({ isHidden }) => !isHidden).map(sectionOf);
  }

  set openSections(ids: readonly string[]) {
    this.accordion.widgets.forEach((widget, index) => {
      if (ids.includes(sectionOf(widget))) {
        this.accordion.expand(index);
      } else {
        this.accordion.collapse(index);
      }
    });
  }

  private get accordion(): AccordionPanel {
    return this.content as AccordionPanel;
  }
}

function sectionOf({ id }: Widget): string {
  return id.slice(PANEL_ID.length + 1);
}

/** In pixels: what was opened with less is of no use. */
const USEFUL = 120;

/** Share the height between the open sections if the one that was opened got next to none. */
function makeRoom(accordion: AccordionPanel, index: number): void {
  requestAnimationFrame(() => {
    const opened = accordion.widgets[index];
    if (opened.isVisible && opened.node.offsetHeight < USEFUL) {
      accordion.setRelativeSizes(accordion.widgets.map(({ isHidden }) => (isHidden ? 0 : 1)));
    }
  });
}

function sectionWidget(services: IServices, section: ISection): LiveWidget {
  const content = (
    <ServicesContext.Provider value={services}>{section.content}</ServicesContext.Provider>
  );
  const widget = new LiveWidget(section.model, content);
  widget.id = `${PANEL_ID}-${section.id}`;
  widget.title.label = section.title;
  widget.addClass('nbtrail-Section-body');
  return widget;
}
