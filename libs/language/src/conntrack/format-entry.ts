/** An entry as `conntrack -L` prints it (libnetfilter_conntrack, snprintf_default.c). */
import type { ConntrackCapture, TupleCapture } from '@worldline/model';
import { TUPLE_ADDRESSES, TUPLE_ICMP, TUPLE_KEYS, TUPLE_PORTS, conntrackProtocolName, tupleKind } from './protocol.js';

/** One line, without its end; `isExtended` as with `-o extended`. */
export function formatConntrackEntry(entry: ConntrackCapture, isExtended: boolean): string {
  const words: string[] = [];
  if (isExtended) words.push(`ipv${entry.family}`.padEnd(8), entry.family === 4 ? '2' : '10');
  words.push(conntrackProtocolName(entry.protocol).padEnd(8), String(entry.protocol));
  const isOffloaded = entry.extras.includes('[OFFLOAD]') || entry.extras.includes('[HW_OFFLOAD]');
  if (!isOffloaded) {
    words.push(String(entry.timeout));
    if (entry.state !== null) words.push(entry.state);
  }
  const counters = entry.extras.filter((extra) => extra.startsWith('packets=') || extra.startsWith('bytes='));
  pushTuple(words, entry.original, entry.protocol, 'zone-orig');
  words.push(...counters.slice(0, 2));
  if (!entry.isReplied) words.push('[UNREPLIED]');
  pushTuple(words, entry.reply, entry.protocol, 'zone-reply');
  words.push(...counters.slice(2, 4));
  if (isOffloaded) words.push(...entry.extras.filter((extra) => extra.endsWith('OFFLOAD]')));
  else if (entry.isAssured) words.push('[ASSURED]');
  words.push(`mark=${entry.mark >>> 0}`);
  words.push(...extrasOf(entry, 'secctx='));
  if (entry.zone !== 0) words.push(`zone=${entry.zone}`);
  words.push(...extrasOf(entry, 'delta-time='), ...extrasOf(entry, 'helper='));
  const use = extrasOf(entry, 'use=');
  words.push(...(use.length > 0 ? use : ['use=1']), ...extrasOf(entry, 'id='), ...extrasOf(entry, 'labels='));
  return words.join(' ');
}

function pushTuple(words: string[], tuple: TupleCapture, protocol: number, zoneWord: string): void {
  words.push(`src=${tuple.source}`, `dst=${tuple.destination}`);
  const kind = tupleKind(protocol);
  switch (kind) {
    case TUPLE_PORTS:
      words.push(`sport=${tuple.sourcePort}`, `dport=${tuple.destinationPort}`);
      break;
    case TUPLE_ICMP:
      words.push(`type=${tuple.icmpType}`, `code=${tuple.icmpCode}`, `id=${tuple.sourcePort}`);
      break;
    case TUPLE_KEYS:
      words.push(`srckey=0x${tuple.sourcePort.toString(16)}`, `dstkey=0x${tuple.destinationPort.toString(16)}`);
      break;
    case TUPLE_ADDRESSES:
      break;
  }
  if (tuple.zone !== 0) words.push(`${zoneWord}=${tuple.zone}`);
}

function extrasOf(entry: ConntrackCapture, prefix: string): string[] {
  return entry.extras.filter((extra) => extra.startsWith(prefix));
}
