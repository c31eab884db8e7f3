import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { IModelOutput } from '../../api/run';
import { FormWidget } from './form';

const NAMES = 'nbtrail-model-names';

/** Which of the run's models, and the version of what it becomes. */
export class RegisterForm extends FormWidget<{ modelId: string; name: string }> {
  constructor(
    private readonly models: readonly IModelOutput[],
    private readonly known: readonly string[],
    private readonly trans: TranslationBundle
  ) {
    super();
  }

  override getValue(): { modelId: string; name: string } {
    return { modelId: this.field('model'), name: this.field('name').trim() };
  }

  protected override render(): React.JSX.Element {
    return (
      <>
        <label>
          {this.trans.__('Model of the run')}
          <select name="model" className="jp-mod-styled">
            {this.models.map(({ model_id, step }) => (
              <option key={model_id} value={model_id}>
                {step > 0 ? this.trans.__('%1 (step %2)', model_id, step) : model_id}
              </option>
            ))}
          </select>
        </label>
        <label>
          {this.trans.__('Name in the registry, new or known')}
          <input name="name" className="jp-mod-styled" list={NAMES} required autoComplete="off" />
        </label>
        <datalist id={NAMES}>
          {this.known.map(name => (
            <option key={name} value={name} />
          ))}
        </datalist>
      </>
    );
  }
}
