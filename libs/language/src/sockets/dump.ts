/** `ss -Hlnptu`: who listens, read and printed. */
import { parseAddress, type Family, type Issue, type Parsed, type SocketCapture } from '@worldline/model';

const PROTOCOLS: Readonly<Record<string, SocketCapture['protocol']>> = { tcp: 'tcp', udp: 'udp', sctp: 'sctp', raw: 'raw', icmp6: 'raw', p_raw: 'raw' };
/** Sockets of other kinds that `ss` can print and that take no packets of ours. */
const OTHER = new Set(['u_str', 'u_dgr', 'u_seq', 'nl', 'v_str', 'v_dgr', 'p_dgr', 'dccp', 'mptcp', 'tipc', 'xdp', '???']);

/** Reads `sockets.txt`. Header lines of `ss` without -H are passed over. */
export function parseSockets(text: string, file: string): Parsed<SocketCapture[]> {
  const sockets: SocketCapture[] = [];
  const issues: Issue[] = [];
  text.split('\n').forEach((line, i) => {
    const words = line.trim().split(/\s+/);
    const [kind, state, , , local] = words;
    if (kind === undefined || kind === '' || kind === 'Netid') return;
    const protocol = PROTOCOLS[kind];
    if (protocol === undefined) {
      if (!OTHER.has(kind)) issues.push({ code: 'BrokenLine', severity: 'error', message: `'${kind}' is no kind of socket`, file, line: i + 1, word: kind });
      return;
    }
    const socket = local === undefined ? null : readSocket(protocol, local, words.slice(6).join(' '));
    if (!socket) issues.push({ code: 'BrokenLine', severity: 'error', message: 'not a local address and port', file, line: i + 1, word: local ?? line.trim() });
    else if (state === 'LISTEN' || state === 'UNCONN') sockets.push(socket);
  });
  return { value: sockets, issues };
}

/** `10.0.0.1%eth0:53`, `[::1]:53`, `*:53`, `0.0.0.0:*`. */
function readSocket(protocol: SocketCapture['protocol'], local: string, rest: string): SocketCapture | null {
  const match = /^(.*):(\d+|\*)$/.exec(local);
  if (!match) return null;
  const [, place = '', portText = ''] = match;
  const bare = place.replace(/[[\]]/g, '');
  const [address = '', device] = bare.split('%');
  const port = portText === '*' ? 0 : Number(portText);
  if (port > 65535) return null;
  const isDualStack = address === '*';
  const parsed = isDualStack ? null : parseAddress(address);
  if (!isDualStack && !parsed) return null;
  const family: Family = isDualStack ? 6 : (parsed?.family ?? 4);
  return {
    protocol,
    family,
    address,
    isDualStack,
    device: device ?? null,
    port,
    process: /users:\(\("([^"]*)"/.exec(rest)?.[1] ?? null,
  };
}
