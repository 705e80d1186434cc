import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';

const KEY = 'worldline:theme';
const THEMES = ['system', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

/** Light, dark, or as the system has it: the one thing that is kept beside the URL, because it is about the reader. */
export function ThemeSwitch(): ReactElement {
  const [theme, setTheme] = useState<Theme>(() => THEMES.find((known) => known === localStorage.getItem(KEY)) ?? 'system');
  useEffect(() => {
    if (theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
    localStorage.setItem(KEY, theme);
  }, [theme]);
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] as Theme;
  return (
    <button type="button" className="theme-switch" onClick={() => setTheme(next)} title={`Colours: ${theme}. Press for ${next}`}>
      <span className={`theme-icon theme-${theme}`} aria-hidden="true" />
      <span className="spoken">Colours: {theme}</span>
    </button>
  );
}
