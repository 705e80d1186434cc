/** What stands on the command line of `worldline trace`: places and addresses with ports (api.md: `REF:PORT`, `IP:PORT`, `[v6]:PORT`). */
import { parseAddress } from '@worldline/model';
import type { AddressRange, FlowDestination, PortRange } from '@worldline/model';


const PLACE = /^(pod|service|loadBalancer|deployment|daemonset|statefulset)\/[^/:]+\/[^/:]+$|^(node|external|fabric)\/[^/:]+$/;

/** Reads a target; a text when it is none: what is wrong with it. */
export function parseTarget(text: string): FlowDestination | string {
  const { host, port } = splitPort(text);
  if (port === null && text.includes(':') && !parseAddress(host)) return `'${text.slice(text.lastIndexOf(':') + 1)}' is not a port from 1 to 65535`;
  const [bare = '', zone = null] = host.split('%');
  const address = parseAddress(bare);
  if (address) return { ip: { first: bare, last: bare }, zone, place: null, port };
  if (PLACE.test(host)) return { ip: null, zone: null, place: host, port };
  return `'${host}' is neither an address nor a place such as service/NAMESPACE/NAME, pod/NAMESPACE/NAME or node/NAME`;
}

export interface ParsedSource {
  readonly ip: AddressRange | null;
  readonly port: PortRange | null;
}

/** Reads `IP`, `IP:PORT`, `[v6]:PORT` or `:PORT`; a text when it is none. */
export function parseSource(text: string): ParsedSource | string {
  const { host, port } = splitPort(text);
  if (host === '') return port ? { ip: null, port } : `'${text}' is neither an address nor a port`;
  return parseAddress(host) ? { ip: { first: host, last: host }, port } : `'${host}' is not an address`;
}

/** The port after the last colon; a bare IPv6 address has none. */
function splitPort(text: string): { readonly host: string; readonly port: PortRange | null } {
  const bracketed = /^\[([^\]]*)\](?::(\d+))?$/.exec(text);
  if (bracketed) return { host: bracketed[1] as string, port: portOf(bracketed[2]) };
  if (parseAddress(text)) return { host: text, port: null };
  const colon = text.lastIndexOf(':');
  const port = colon < 0 ? null : portOf(text.slice(colon + 1));
  return colon < 0 || port === null ? { host: colon < 0 ? text : text.slice(0, colon), port: null } : { host: text.slice(0, colon), port };
}

function portOf(digits: string | undefined): PortRange | null {
  const port = digits !== undefined && /^\d{1,5}$/.test(digits) ? Number(digits) : 0;
  return port >= 1 && port <= 65535 ? { first: port, last: port } : null;
}
