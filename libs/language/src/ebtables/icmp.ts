/** ICMP types as ebtables names them: name, type, first code, last code. */

export interface IcmpRange {
  readonly typeFrom: number;
  readonly typeTo: number;
  readonly codeFrom: number;
  readonly codeTo: number;
}

type Named = readonly (readonly [string, number, number, number])[];

const ICMP: Named = [
  ['echo-reply', 0, 0, 255],
  ['pong', 0, 0, 255],
  ['destination-unreachable', 3, 0, 255],
  ['network-unreachable', 3, 0, 0],
  ['host-unreachable', 3, 1, 1],
  ['protocol-unreachable', 3, 2, 2],
  ['port-unreachable', 3, 3, 3],
  ['fragmentation-needed', 3, 4, 4],
  ['source-route-failed', 3, 5, 5],
  ['network-unknown', 3, 6, 6],
  ['host-unknown', 3, 7, 7],
  ['network-prohibited', 3, 9, 9],
  ['host-prohibited', 3, 10, 10],
  ['TOS-network-unreachable', 3, 11, 11],
  ['TOS-host-unreachable', 3, 12, 12],
  ['communication-prohibited', 3, 13, 13],
  ['host-precedence-violation', 3, 14, 14],
  ['precedence-cutoff', 3, 15, 15],
  ['source-quench', 4, 0, 255],
  ['redirect', 5, 0, 255],
  ['network-redirect', 5, 0, 0],
  ['host-redirect', 5, 1, 1],
  ['TOS-network-redirect', 5, 2, 2],
  ['TOS-host-redirect', 5, 3, 3],
  ['echo-request', 8, 0, 255],
  ['ping', 8, 0, 255],
  ['router-advertisement', 9, 0, 255],
  ['router-solicitation', 10, 0, 255],
  ['time-exceeded', 11, 0, 255],
  ['ttl-exceeded', 11, 0, 255],
  ['ttl-zero-during-transit', 11, 0, 0],
  ['ttl-zero-during-reassembly', 11, 1, 1],
  ['parameter-problem', 12, 0, 255],
  ['ip-header-bad', 12, 0, 0],
  ['required-option-missing', 12, 1, 1],
  ['timestamp-request', 13, 0, 255],
  ['timestamp-reply', 14, 0, 255],
  ['address-mask-request', 17, 0, 255],
  ['address-mask-reply', 18, 0, 255],
];

const ICMPV6: Named = [
  ['destination-unreachable', 1, 0, 255],
  ['no-route', 1, 0, 0],
  ['communication-prohibited', 1, 1, 1],
  ['beyond-scope', 1, 2, 2],
  ['address-unreachable', 1, 3, 3],
  ['port-unreachable', 1, 4, 4],
  ['failed-policy', 1, 5, 5],
  ['reject-route', 1, 6, 6],
  ['packet-too-big', 2, 0, 255],
  ['time-exceeded', 3, 0, 255],
  ['ttl-exceeded', 3, 0, 255],
  ['ttl-zero-during-transit', 3, 0, 0],
  ['ttl-zero-during-reassembly', 3, 1, 1],
  ['parameter-problem', 4, 0, 255],
  ['bad-header', 4, 0, 0],
  ['unknown-header-type', 4, 1, 1],
  ['unknown-option', 4, 2, 2],
  ['echo-request', 128, 0, 255],
  ['ping', 128, 0, 255],
  ['echo-reply', 129, 0, 255],
  ['pong', 129, 0, 255],
  ['router-solicitation', 133, 0, 255],
  ['router-advertisement', 134, 0, 255],
  ['neighbour-solicitation', 135, 0, 255],
  ['neighbor-solicitation', 135, 0, 255],
  ['neighbour-advertisement', 136, 0, 255],
  ['neighbor-advertisement', 136, 0, 255],
  ['redirect', 137, 0, 255],
];

const IGMP: Named = [
  ['membership-query', 0x11, 0, 0],
  ['membership-report-v1', 0x12, 0, 0],
  ['membership-report-v2', 0x16, 0, 0],
  ['membership-report-v3', 0x22, 0, 0],
  ['leave-group', 0x17, 0, 0],
];

/** Reads a name or `TYPE[:TYPE][/CODE[:CODE]]`; null for neither. */
export function readIcmpRange(kind: 'icmp' | 'icmp6' | 'igmp', word: string): IcmpRange | null {
  const named = tableOf(kind).find(([name]) => name.toLowerCase() === word.toLowerCase());
  if (named !== undefined) return { typeFrom: named[1], typeTo: named[1], codeFrom: named[2], codeTo: named[3] };
  const match = /^(\d+)(?::(\d+))?(?:\/(\d+)(?::(\d+))?)?$/.exec(word);
  if (match === null) return null;
  const typeFrom = Number(match[1]);
  const codeFrom = Number(match[3] ?? 0);
  const typeTo = Number(match[2] ?? typeFrom);
  const codeTo = Number(match[4] ?? match[3] ?? 255);
  return typeTo > 255 || codeTo > 255 || typeTo < typeFrom || codeTo < codeFrom ? null : { typeFrom, typeTo, codeFrom, codeTo };
}

/** Writes a range as `ebtables-save` does: by the first name that fits. */
export function printIcmpRange(kind: 'icmp' | 'icmp6' | 'igmp', range: IcmpRange): string {
  const { typeFrom, typeTo, codeFrom, codeTo } = range;
  if (kind === 'igmp') {
    const name = IGMP.find(([, type]) => type === typeFrom && type === typeTo)?.[0];
    return name ?? (typeFrom === typeTo ? String(typeFrom) : `${typeFrom}:${typeTo}`);
  }
  const named = tableOf(kind).find(([, t, from, to]) => t === typeFrom && t === typeTo && from === codeFrom && to === codeTo);
  if (named !== undefined) return named[0];
  const types = typeFrom === typeTo ? String(typeFrom) : `${typeFrom}:${typeTo}`;
  return `${types}/${codeFrom === codeTo ? codeFrom : `${codeFrom}:${codeTo}`}`;
}

function tableOf(kind: 'icmp' | 'icmp6' | 'igmp'): Named {
  return kind === 'icmp' ? ICMP : kind === 'icmp6' ? ICMPV6 : IGMP;
}
