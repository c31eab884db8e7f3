/** What a person writes into the forms of an endpoint, read. Knows no DOM. */
import type { IConfig, ITarget } from '../api/endpoints';

const MIB = 1024 * 1024;

/** The numbers of a configuration: how many of them its field says one is; null may be empty. */
export const SETTINGS = {
  workers: { unit: 1, isOptional: false },
  batch_size: { unit: 1, isOptional: false },
  batch_wait_ms: { unit: 1, isOptional: false },
  max_queue: { unit: 1, isOptional: false },
  deadline_s: { unit: 1, isOptional: false },
  max_body: { unit: MIB, isOptional: false },
  max_memory_mb: { unit: 1, isOptional: true }
} as const;

export type Setting = keyof typeof SETTINGS;
export type SettingTexts = Record<Setting, string>;

export const SETTING_NAMES = Object.keys(SETTINGS) as Setting[];

/** The settings as a form shows them. */
export function textsOf(config: IConfig): SettingTexts {
  const text = (name: Setting) => {
    const value = config[name];
    return value === null || value === undefined ? '' : String(value / SETTINGS[name].unit);
  };
  return Object.fromEntries(SETTING_NAMES.map(name => [name, text(name)])) as SettingTexts;
}

/** What differs from the configuration; or the first setting that is no number above nothing. */
export function editOf(
  config: IConfig,
  texts: SettingTexts
): { edit: Partial<IConfig> } | { wrong: Setting } {
  const edit: Partial<Record<Setting, number | null>> = {};
  const before = textsOf(config);
  for (const name of SETTING_NAMES.filter(one => texts[one].trim() !== before[one])) {
    const value = numberIn(texts[name]);
    const isEmpty = texts[name].trim() === '' && SETTINGS[name].isOptional;
    if (value === null && !isEmpty) {
      return { wrong: name };
    }
    edit[name] = value === null ? null : value * SETTINGS[name].unit;
  }
  return { edit: edit as Partial<IConfig> };
}

/** A row of the form of an endpoint's traffic. */
export interface ITargetText {
  model_uri: string;
  weight: string;
}

/** The targets that were written down, without empty rows; or the first row that is wrong. */
export function targetsOf(
  rows: readonly ITargetText[]
): { targets: ITarget[] } | { wrong: number } {
  const targets: ITarget[] = [];
  for (const [row, { model_uri, weight }] of rows.entries()) {
    const uri = model_uri.trim();
    const share = numberIn(weight);
    if (uri === '' && weight.trim() === '') {
      continue;
    }
    if (uri === '' || share === null) {
      return { wrong: row };
    }
    targets.push({ model_uri: uri, weight: share });
  }
  return targets.length === 0 ? { wrong: 0 } : { targets };
}

function numberIn(text: string): number | null {
  const value = Number(text);
  return text.trim() !== '' && Number.isFinite(value) && value >= 0 ? value : null;
}
