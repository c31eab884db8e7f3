import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

import { ApiError } from '../../api/client';
import type { IEndpoint } from '../../api/models';
import { useServices } from '../../common/context';
import { FormField } from './FormField';
import type { EndpointsModel } from './model';
import { type Built, formFields, jsonBody, rowOf } from './request';

interface ITryFormProps {
  endpoint: IEndpoint;
  model: Pick<EndpointsModel, 'predict'>;
}

/** A form made from the model's signature, and what the endpoint answers. */
export function TryForm({ endpoint, model }: ITryFormProps): React.JSX.Element {
  const { trans } = useServices();
  const [texts, setTexts] = useState<Record<string, string>>({});
  const [answer, setAnswer] = useState('');
  const [isBusy, setBusy] = useState(false);
  const fields = formFields(endpoint.signature);
  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    setBusy(true);
    const built = fields ? rowOf(fields, texts) : jsonBody(texts.json ?? '');
    setAnswer(await answerTo(built, endpoint, model, trans));
    setBusy(false);
  };
  const set = (name: string, text: string) => setTexts({ ...texts, [name]: text });
  return (
    <form className="nbtrail-Try" onSubmit={event => void submit(event)}>
      {fields?.map(field => (
        <FormField key={field.name} field={field} value={texts[field.name ?? ''] ?? ''} set={set} />
      )) ?? (
        <label>
          {trans.__('Inputs, as JSON')}
          <textarea
            className="jp-mod-styled"
            rows={4}
            placeholder="[[1.0, 2.0]]"
            value={texts.json ?? ''}
            onChange={event => set('json', event.target.value)}
          />
        </label>
      )}
      <button className="jp-mod-styled jp-mod-accept nbtrail-Small" disabled={isBusy}>
        {trans.__('Predict')}
      </button>
      <output data-testid="nbtrail-answer">{answer}</output>
    </form>
  );
}

async function answerTo(
  built: Built,
  endpoint: IEndpoint,
  model: Pick<EndpointsModel, 'predict'>,
  trans: TranslationBundle
): Promise<string> {
  if (!('body' in built)) {
    return complaint(built, trans);
  }
  try {
    const found = await model.predict(endpoint, built.body);
    const { predictions = found } = (found ?? {}) as { predictions?: unknown };
    return JSON.stringify(predictions, null, 1);
  } catch (error) {
    if (!(error instanceof ApiError)) {
      throw error;
    }
    return error.message;
  }
}

type Complaint = Exclude<Built, { body: unknown }>;

function complaint({ field, wants }: Complaint, trans: TranslationBundle): string {
  switch (wants) {
    case 'number':
      return trans.__('“%1” wants a number of the model’s type.', field);
    case 'text':
      return trans.__('“%1” is missing.', field);
    case 'json':
      return trans.__('This is not JSON. An example: [[1.0, 2.0]]');
  }
}
