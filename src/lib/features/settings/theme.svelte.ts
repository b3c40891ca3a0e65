import { keep, kept } from './kept.ts';

export type ThemeChoice = 'system' | 'light' | 'dark';

/** Read by static/theme.js, before the first paint and when another tab changes it. */
const KEY = 'taskflow-theme';

function stored(): ThemeChoice {
  const value = kept(KEY);
  return value === 'light' || value === 'dark' ? value : 'system';
}

/** Light, dark, or as the device: kept on this device. */
class Theme {
  #choice = $state.raw<ThemeChoice>(stored());

  constructor() {
    addEventListener('storage', (event) => {
      if (event.key === KEY) this.#choice = stored();
    });
  }

  get choice(): ThemeChoice {
    return this.#choice;
  }

  choose(choice: ThemeChoice): void {
    this.#choice = choice;
    if (choice === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = choice;
    keep(KEY, choice === 'system' ? null : choice);
  }
}

export const theme = new Theme();
