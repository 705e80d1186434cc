import type { AnchorHTMLAttributes, MouseEvent, ReactElement } from 'react';
import { navigate } from './location.js';

/** A link inside the explorer: the page stays loaded, but open-in-new-tab and copy-address work as ever. */
export function Link({ href, ...rest }: AnchorHTMLAttributes<HTMLAnchorElement> & { readonly href: string }): ReactElement {
  const follow = (event: MouseEvent): void => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(href);
  };
  return <a href={href} onClick={follow} {...rest} />;
}
