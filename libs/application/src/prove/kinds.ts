/** `ip link add` of the kinds that stand on another device, from what `ip -d` prints of them. */
import type { LinkCapture } from '@worldline/model';

type Line = (link: LinkCapture, nameOf: (index: number) => string | null) => string;

const text = ({ kindData }: LinkCapture, key: string): string | null => {
  const value = kindData[key];
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : null;
};
const word = (link: LinkCapture, key: string, name = key): string => {
  const value = text(link, key);
  return value === null || value === 'any' ? '' : ` ${name} ${value}`;
};
const flag = ({ kindData }: LinkCapture, key: string, on: string, off: string): string => (kindData[key] === true ? ` ${on}` : kindData[key] === false ? ` ${off}` : '');
const head = (link: LinkCapture): string => `link add name ${link.name} index ${link.index}${link.linkType === 'ether' ? ` address ${link.mac}` : ''} mtu ${link.mtu}`;

function vxlan(link: LinkCapture): string {
  const range = link.kindData['port_range'] as { low?: number; high?: number } | undefined;
  const remote = text(link, 'remote') ?? text(link, 'remote6') ?? text(link, 'group') ?? text(link, 'group6');
  return [
    `${head(link)} type vxlan${word(link, 'id')}`,
    word(link, 'local'),
    word(link, 'local6', 'local'),
    remote === null ? '' : ` ${text(link, 'group') === null ? 'remote' : 'group'} ${remote}`,
    word(link, 'link', 'dev'),
    range ? ` srcport ${range.low ?? 0} ${range.high ?? 0}` : '',
    ` dstport ${text(link, 'port') ?? '8472'}`,
    word(link, 'ttl') === ' ttl 0' ? '' : word(link, 'ttl'),
    word(link, 'df'),
    word(link, 'ageing'),
    flag(link, 'learning', 'learning', 'nolearning'),
    flag(link, 'udp_csum', 'udpcsum', 'noudpcsum'),
    flag(link, 'l2miss', 'l2miss', ''),
    flag(link, 'l3miss', 'l3miss', ''),
    flag(link, 'external', 'external', ''),
  ].join('');
}

const tunnel: Line = (link) => `${head(link)} type ${link.kind}${word(link, 'local')}${word(link, 'remote')}${word(link, 'link', 'dev')}${word(link, 'ttl') === ' ttl 0' ? '' : word(link, 'ttl')}${link.kindData['pmtudisc'] === false ? ' nopmtudisc' : ''}`;

export const STACKED_KINDS: Readonly<Record<string, Line | undefined>> = {
  vxlan,
  ipip: tunnel,
  gre: tunnel,
  gretap: tunnel,
  sit: tunnel,
  vlan: (link, nameOf) => `link add link ${nameOf(link.linkIndex) ?? '?'} name ${link.name} index ${link.index} address ${link.mac} mtu ${link.mtu} type vlan${word(link, 'protocol').toLowerCase()}${word(link, 'id')}`,
  vrf: (link) => `${head(link)} type vrf${word(link, 'table')}`,
  macvlan: (link, nameOf) => `link add link ${nameOf(link.linkIndex) ?? '?'} name ${link.name} index ${link.index} address ${link.mac} type macvlan${word(link, 'mode')}`,
  ifb: (link) => `${head(link)} type ifb`,
};
