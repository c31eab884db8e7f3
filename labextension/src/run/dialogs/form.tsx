/** A form inside one of JupyterLab's dialogs. */
import { ReactWidget } from '@jupyterlab/ui-components';
import type { Dialog } from '@jupyterlab/apputils';

/** What a form says is in its fields, so that the dialog reads it when it is accepted. */
export abstract class FormWidget<T> extends ReactWidget implements Dialog.IBodyWidget<T> {
  constructor() {
    super();
    this.addClass('nbtrail-Form');
  }

  abstract getValue(): T;

  /** The text in a field; empty if there is no such field. */
  protected field(name: string): string {
    return this.fields().find(field => field.name === name)?.value ?? '';
  }

  protected fields(): (HTMLInputElement | HTMLSelectElement)[] {
    return [...this.node.querySelectorAll<HTMLInputElement | HTMLSelectElement>('[name]')];
  }
}
