/**
 * What kube-proxy's comments say about Services, for bundles that hold dumps but no objects.
 * Kubernetes pkg/proxy/iptables/proxier.go: `ns/name[:port]` on a KUBE-SEP's DNAT, `ns/name[:port] cluster IP` in KUBE-SERVICES,
 * `ns/name[:port] loadbalancer IP` for its external addresses.
 */
import type { RuleSet, Snapshot } from '@worldline/model';

export interface CommentedService {
  /** Addresses that endpoints' DNAT rules go to. */
  readonly endpoints: Set<string>;
  readonly clusterIps: Set<string>;
  readonly loadBalancerIps: Set<string>;
  /** Of its cluster and load balancer addresses: `tcp 443`. */
  readonly ports: Set<string>;
}

/** Services by `namespace/name`. */
export function servicesFromRules(snapshot: Snapshot): ReadonlyMap<string, CommentedService> {
  const services = new Map<string, CommentedService>();
  for (const machine of snapshot.machines) for (const rules of machine.ruleSets) readRuleSet(rules, services);
  return services;
}

/** A Service's name in a comment, and what the rule with that comment is for. */
interface Comment {
  readonly service: string;
  readonly use: 'endpoint' | 'clusterIp' | 'loadBalancerIp';
}

/** Works on interned words: a large dump has many rules and few words that matter here. */
function readRuleSet(rules: RuleSet, services: Map<string, CommentedService>): void {
  const ids = wordIds(rules, ['--comment', '-d', '--to-destination', '-p', '--dport', '!']);
  const comments = commentsOf(rules);
  if (comments.size === 0) return;
  const { tokens, ruleTokenStart } = rules;
  for (let rule = 0; rule + 1 < ruleTokenStart.length; rule++) {
    const start = ruleTokenStart[rule] as number;
    const end = ruleTokenStart[rule + 1] as number;
    const after = (option: string): number => {
      const id = ids.get(option);
      const found = id === undefined ? -1 : tokens.subarray(start, end).indexOf(id);
      return found < 0 || (found > 0 && tokens[start + found - 1] === ids.get('!')) ? -1 : (tokens[start + found + 1] as number);
    };
    const comment = comments.get(after('--comment'));
    if (comment) take(comment, serviceOf(services, comment.service), (option) => (after(option) < 0 ? '' : rules.words.text(after(option))));
  }
}

function take({ use }: Comment, service: CommentedService, word: (option: string) => string): void {
  const [destination, endpoint] = [addressOf(word('-d')), addressOf(word('--to-destination'))];
  if (use === 'clusterIp' && destination) service.clusterIps.add(destination);
  else if (use === 'loadBalancerIp' && destination) service.loadBalancerIps.add(destination);
  else if (use === 'endpoint' && endpoint) service.endpoints.add(endpoint);
  if (use !== 'endpoint' && word('-p') && word('--dport')) service.ports.add(`${word('-p')} ${word('--dport')}`);
}

function wordIds(rules: RuleSet, wanted: readonly string[]): Map<string, number> {
  const ids = new Map<string, number>();
  for (let id = 0; id < rules.words.count; id++) if (wanted.includes(rules.words.text(id))) ids.set(rules.words.text(id), id);
  return ids;
}

function commentsOf(rules: RuleSet): Map<number, Comment> {
  const comments = new Map<number, Comment>();
  for (let id = 0; id < rules.words.count; id++) {
    const match = /^([a-z0-9.-]+\/[a-z0-9.-]+?)(?::[a-z0-9.-]*)?( cluster IP| loadbalancer IP)?$/.exec(rules.words.text(id));
    const use = match?.[2] === ' cluster IP' ? 'clusterIp' : match?.[2] ? 'loadBalancerIp' : 'endpoint';
    if (match) comments.set(id, { service: match[1] as string, use });
  }
  return comments;
}

/** The address of `10.0.0.1/32`, `10.0.0.1:80`, `[fd00::1]:80` or `fd00::1/128`. */
function addressOf(text: string): string | undefined {
  if (text.startsWith('[')) return text.slice(1, text.indexOf(']'));
  const bare = text.replace(/\/\d+$/, '');
  return bare.includes(':') && bare.indexOf(':') === bare.lastIndexOf(':') ? bare.slice(0, bare.indexOf(':')) : bare || undefined;
}

function serviceOf(services: Map<string, CommentedService>, name: string): CommentedService {
  let service = services.get(name);
  if (!service) services.set(name, (service = { endpoints: new Set(), clusterIps: new Set(), loadBalancerIps: new Set(), ports: new Set() }));
  return service;
}
