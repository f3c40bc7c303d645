import type { ISettingRegistry } from '@jupyterlab/settingregistry';

/** What a person may set, with the defaults of schema/plugin.json. */
export interface Settings {
  /** Seconds between two updates of the list of runs, at least. */
  refresh: number;
  /** Runs that are listed. */
  listed: number;
  /** How much curves of training are smoothed at first, from 0 to 0.99. */
  smoothing: number;
  /** Whether figures show their legend at first. */
  legend: boolean;
}

export const defaultSettings: Settings = { refresh: 1, listed: 50, smoothing: 0, legend: true };

/** Tells the settings, now and whenever they change; where there is no registry of settings, the defaults stay. */
export async function followSettings(
  registry: ISettingRegistry | null,
  id: string,
  onChange: (settings: Settings) => void,
): Promise<void> {
  const settings = await registry?.load(id).catch(() => undefined);
  if (!settings) return;
  const tell = (): void => onChange({ ...defaultSettings, ...(settings.composite as Partial<Settings>) });
  settings.changed.connect(tell);
  tell();
}
