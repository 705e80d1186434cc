/**
 * Whose a rule is, and for which object it was written: told from the names of chains and from comments, and from nothing else. A rule of a
 * built-in chain belongs to whoever made the chain that it jumps to.
 */
import { COMPONENTS } from './components.js';

export interface Owner {
  /** `kube-proxy`, `portmap`, `calico-node`... */
  readonly component: string;
  /** `Service/kube-system/kube-dns:dns`; null: for none in particular, or it does not say. */
  readonly object: string | null;
}

const BUILT_IN: ReadonlySet<string> = new Set(['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING']);

/** A Service and its port as kube-proxy writes them (ServicePortName, pkg/proxy/types.go): `namespace/name[:port]`. */
const SERVICE_PORT = /(?:^|\s)([a-z0-9](?:[-a-z0-9]*[a-z0-9])?\/[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?(?::[a-z0-9-]+)?)(?=\s|$)/;
/** What the CNI plugins say of a container (plugins/meta/portmap, pkg/utils.FormatComment): `dnat name: "cbr0" id: "5f3..."`. */
const CONTAINER = /\bid: \\?"([^"\\]+)/;

/** Null: nobody that is known. `text` is the rule's, from `-A` on; a policy is nobody's. */
export function ownerOf(chain: string, text: string): Owner | null {
  const maker = BUILT_IN.has(chain) ? /\s-[jg] (\S+)/.exec(text)?.[1] : chain;
  const component = maker === undefined ? undefined : COMPONENTS.find(({ chains }) => chains.test(maker))?.component;
  return component === undefined ? null : { component, object: objectOf(component, text) };
}

/** Whether an owner is the one that is asked for: `kube-proxy`, `Service/shop/db:sql`, or both with a blank between. */
export function isOwnedBy(owner: Owner | null, asked: string): boolean {
  if (owner === null) return false;
  const { component, object } = owner;
  return asked === component || (object !== null && (asked === object || asked === `${component} ${object}`));
}

function objectOf(component: string, text: string): string | null {
  const comment = /--comment (?:"((?:[^"\\]|\\.)*)"|(\S+))/.exec(text);
  const said = comment?.[1] ?? comment?.[2] ?? '';
  if (component === 'kube-proxy') {
    const service = SERVICE_PORT.exec(said)?.[1];
    return service === undefined ? null : `Service/${service}`;
  }
  if (component === 'portmap' || component === 'cni-ipmasq') {
    const container = CONTAINER.exec(said)?.[1];
    return container === undefined ? null : `Container/${container}`;
  }
  return null;
}
