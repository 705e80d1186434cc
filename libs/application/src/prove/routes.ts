/** Commands that make routes, policy rules and their absence. */
import { protocolName, tableWord } from '@worldline/language';
import type { NexthopCapture, RouteCapture, RoutingRuleCapture } from '@worldline/model';

/** What tells a route from the others of its machine. */
export function routeKey(r: RouteCapture): string {
  const hops = r.nexthops.map((h) => [h.gateway, h.device, h.weight, h.flags.includes('onlink')].join(','));
  return [r.family, r.type, r.destination, r.table, r.metric, r.tos, r.protocol, r.scope, r.preferredSource, r.mtu, r.hopLimit, ...hops].join(' ');
}

export function addRoute(r: RouteCapture): string {
  return `route append ${routeWords(r)}`;
}

export function deleteRoute(r: RouteCapture): string {
  const device = r.nexthops.length === 1 && r.nexthops[0]?.device ? ` dev ${r.nexthops[0].device}` : '';
  return `route del ${typeWord(r)}${r.destination}${device} table ${r.table}${r.metric > 0 ? ` metric ${r.metric}` : ''}${r.protocol === null ? '' : ` proto ${r.protocol}`}`;
}

const typeWord = ({ type }: RouteCapture): string => (type === 'unicast' ? '' : `${type} `);

function routeWords(r: RouteCapture): string {
  const [first, ...others] = r.nexthops;
  const head = [
    `${typeWord(r)}${r.destination}`,
    ` table ${r.table}`,
    r.tos > 0 ? ` tos ${r.tos}` : '',
    r.metric > 0 ? ` metric ${r.metric}` : '',
    r.protocol === null ? '' : ` proto ${r.protocol}`,
    r.scope === null || r.family === 6 ? '' : ` scope ${r.scope}`,
    r.preferredSource === null ? '' : ` src ${r.preferredSource}`,
    r.mtu === null ? '' : ` mtu ${r.mtu}`,
    r.hopLimit === null ? '' : ` hoplimit ${r.hopLimit}`,
  ].join('');
  if (!first || r.type === 'unreachable' || r.type === 'blackhole' || r.type === 'prohibit' || r.type === 'throw') return head;
  return others.length === 0 ? `${head}${hopWords(first, r)}` : `${head}${r.nexthops.map((h) => ` nexthop${hopWords(h, r)} weight ${h.weight}`).join('')}`;
}

function hopWords({ gateway, device, flags }: NexthopCapture, { family }: RouteCapture): string {
  const isOther = gateway !== null && gateway.includes(':') && family === 4;
  return `${gateway === null ? '' : ` via ${isOther ? 'inet6 ' : ''}${gateway}`}${device === null ? '' : ` dev ${device}`}${flags.includes('onlink') ? ' onlink' : ''}`;
}

export function ruleKey(rule: RoutingRuleCapture): string {
  return [rule.family, ruleWords(rule)].join(' ');
}

export function addRule(rule: RoutingRuleCapture): string {
  return `rule add ${ruleWords(rule)}`;
}

export function deleteRule(rule: RoutingRuleCapture): string {
  return `rule del ${ruleWords(rule)}`;
}

function ruleWords(r: RoutingRuleCapture): string {
  const range = (pair: readonly [number, number] | null, name: string): string => (pair ? ` ${name} ${pair[0]}-${pair[1]}` : '');
  const action = r.action === 'table' ? (r.isL3mdev ? ' l3mdev' : ` lookup ${tableWord(r.table)}`) : r.action === 'goto' ? ` goto ${r.table}` : ` ${r.action}`;
  return [
    `pref ${r.priority}`,
    r.isInverted ? ' not' : '',
    ` from ${r.source ?? 'all'}`,
    r.destination === null ? '' : ` to ${r.destination}`,
    r.inputInterface === null ? '' : ` iif ${r.inputInterface}`,
    r.outputInterface === null ? '' : ` oif ${r.outputInterface}`,
    r.mark === null ? '' : ` fwmark 0x${r.mark.toString(16)}/0x${(r.markMask >>> 0).toString(16)}`,
    r.tos > 0 ? ` tos 0x${r.tos.toString(16)}` : '',
    r.protocol === null ? '' : ` ipproto ${protocolName(r.protocol)}`,
    range(r.sourcePorts, 'sport'),
    range(r.destinationPorts, 'dport'),
    range(r.uidRange, 'uidrange'),
    action,
    r.suppressPrefixLength === null ? '' : ` suppress_prefixlength ${r.suppressPrefixLength}`,
  ].join('');
}
