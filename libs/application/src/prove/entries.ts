/** Connections as `conntrack -R` takes them. */
import type { ConntrackCapture, TupleCapture } from '@worldline/model';

const PROTOCOLS: Readonly<Record<number, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 33: 'dccp', 58: 'icmpv6', 132: 'sctp', 136: 'udplite', 47: 'gre' };
const ICMP = [1, 58];

export function entryLines(entries: readonly ConntrackCapture[]): string[] {
  return entries.map(entryLine);
}

function entryLine(e: ConntrackCapture): string {
  const isIcmp = ICMP.includes(e.protocol);
  const ports = isIcmp ? ` --icmp-type ${e.original.icmpType} --icmp-code ${e.original.icmpCode} --icmp-id ${e.original.sourcePort}` : ` --sport ${e.original.sourcePort} --dport ${e.original.destinationPort}`;
  const reply = ` -r ${e.reply.source} -q ${e.reply.destination}${isIcmp ? '' : ` --reply-port-src ${e.reply.sourcePort} --reply-port-dst ${e.reply.destinationPort}`}`;
  const flags = [...(e.isReplied ? ['SEEN_REPLY'] : []), ...(e.isAssured ? ['ASSURED'] : [])];
  return [
    `-I -f ipv${e.family} -p ${PROTOCOLS[e.protocol] ?? e.protocol} -s ${e.original.source} -d ${e.original.destination}${ports}${reply}`,
    e.state === null ? '' : ` --state ${e.state}`,
    ` -t ${Math.max(1, e.timeout)}`,
    flags.length > 0 ? ` -u ${flags.join(',')}` : '',
    e.mark === 0 ? '' : ` -m ${e.mark}`,
    e.zone === 0 ? '' : ` -w ${e.zone}`,
    translations(e),
  ].join('');
}

/** A tuple that is not the mirror of the other was translated; the entry must know by which side. */
function translations({ original, reply }: ConntrackCapture): string {
  const end = (ip: string, port: number): string => `${ip.includes(':') ? `[${ip}]` : ip}${port > 0 ? `:${port}` : ''}`;
  const isSource = reply.destination !== original.source || changedPort(reply.destinationPort, original.sourcePort, original);
  const isDestination = reply.source !== original.destination || changedPort(reply.sourcePort, original.destinationPort, original);
  return `${isSource ? ` -n ${end(reply.destination, reply.destinationPort)}` : ''}${isDestination ? ` -g ${end(reply.source, reply.sourcePort)}` : ''}`;
}

const changedPort = (a: number, b: number, { icmpType }: TupleCapture): boolean => icmpType === 0 && a !== b;
