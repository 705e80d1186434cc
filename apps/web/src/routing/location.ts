/** The address bar as the only state that pages keep: read by a hook, changed by `navigate`. */
import { useSyncExternalStore } from 'react';

export interface Location {
  readonly path: string;
  readonly search: string;
}

/** A page's own words in the query of its URL; the empty ones are left out. */
export type Words = Readonly<Record<string, string | undefined>>;

const CHANGED = 'worldline:location';

/** Goes to an address of the explorer. `replace` leaves no entry in the history: for what only refines the page at hand. */
export function navigate(url: string, options: { readonly replace?: boolean } = {}): void {
  if (url === `${window.location.pathname}${window.location.search}`) return;
  if (options.replace) window.history.replaceState(null, '', url);
  else window.history.pushState(null, '', url);
  window.dispatchEvent(new Event(CHANGED));
}

export function useLocation(): Location {
  const href = useSyncExternalStore(subscribe, () => `${window.location.pathname}\n${window.location.search}`);
  const [path = '/', search = ''] = href.split('\n');
  return { path, search };
}

function subscribe(onChange: () => void): () => void {
  window.addEventListener('popstate', onChange);
  window.addEventListener(CHANGED, onChange);
  return () => {
    window.removeEventListener('popstate', onChange);
    window.removeEventListener(CHANGED, onChange);
  };
}
