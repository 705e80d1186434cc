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
}

/** Services by `namespace/name`. */
export function servicesFromRules(snapshot: Snapshot): ReadonlyMap<string, CommentedService> {
  const services = new Map<string, CommentedService>();
  for (const machine of snapshot.machines) for (const rules of machine.ruleSets) readRuleSet(rules, services);
  return services;
}

function readRuleSet(rules: RuleSet, services: Map<string, CommentedService>): void {
  const commentWord = findWord(rules, '--comment');
  if (commentWord < 0) return;
  for (let rule = 0; rule + 1 < rules.ruleTokenStart.length; rule++) {
    const words = wordsOf(rules, rule);
    const comment = /^([a-z0-9.-]+\/[a-z0-9.-]+?)(?::[a-z0-9.-]*)?( cluster IP| loadbalancer IP)?$/.exec(after(words, '--comment') ?? '');
    if (!comment) continue;
    const service = serviceOf(services, comment[1] as string);
    const destination = addressOf(after(words, '-d') ?? '');
    const endpoint = addressOf(after(words, '--to-destination') ?? '');
    if (comment[2] === ' cluster IP' && destination) service.clusterIps.add(destination);
    else if (comment[2] === ' loadbalancer IP' && destination) service.loadBalancerIps.add(destination);
    else if (comment[2] === undefined && endpoint) service.endpoints.add(endpoint);
  }
}

function findWord(rules: RuleSet, text: string): number {
  for (let id = 0; id < rules.words.count; id++) if (rules.words.text(id) === text) return id;
  return -1;
}

function wordsOf(rules: RuleSet, rule: number): string[] {
  const words: string[] = [];
  const end = rules.ruleTokenStart[rule + 1] as number;
  for (let i = rules.ruleTokenStart[rule] as number; i < end; i++) words.push(rules.words.text(rules.tokens[i] as number));
  return words;
}

function after(words: readonly string[], option: string): string | undefined {
  const found = words.indexOf(option);
  return found < 0 || words[found - 1] === '!' ? undefined : words[found + 1];
}

/** The address of `10.0.0.1/32`, `10.0.0.1:80`, `[fd00::1]:80` or `fd00::1/128`. */
function addressOf(text: string): string | undefined {
  if (text.startsWith('[')) return text.slice(1, text.indexOf(']'));
  const bare = text.replace(/\/\d+$/, '');
  return bare.includes(':') && bare.indexOf(':') === bare.lastIndexOf(':') ? bare.slice(0, bare.indexOf(':')) : bare || undefined;
}

function serviceOf(services: Map<string, CommentedService>, name: string): CommentedService {
  let service = services.get(name);
  if (!service) services.set(name, (service = { endpoints: new Set(), clusterIps: new Set(), loadBalancerIps: new Set() }));
  return service;
}
