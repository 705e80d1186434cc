/** Words for the integers of a run. */
import type { Endpoint, Family, MachineName } from '@worldline/model';
import type { Environment } from '../../record/index.js';
import { NO_PORT } from '../question/question.js';
import type { RunNetwork } from '../network.js';

/** A rule, or a chain's policy (`number` null), as steps and deaths name it. */
export interface RuleDescription {
  readonly table: string;
  readonly chain: string;
  /** Counted from 1. */
  readonly number: number | null;
  /** As iptables-save writes it, from `-A` on; of a policy `-P CHAIN`, whatever it is. */
  readonly text: string;
}

/** Describes rule `rule` (0 is the first, -1 the policy) of the chain program `uid`. netfilter/ provides it. */
export type DescribeRule = (uid: number, rule: number) => RuleDescription;

export class ReportNames {
  private readonly environment: Environment;

  constructor(
    private readonly network: RunNetwork,
    readonly describeRule: DescribeRule,
  ) {
    this.environment = network.environment;
  }

  machine(position: number): MachineName {
    return this.network.placeName(position);
  }

  interfaceName(id: number): string | null {
    return id < 0 ? null : this.environment.interfaceNames.name(id);
  }

  mac(id: number): string | null {
    return id < 0 ? null : this.environment.macs.name(id);
  }

  word(id: number): string {
    return this.environment.words.name(id);
  }

  address(family: Family, handle: number): string {
    return this.environment.addresses.format(family, handle);
  }

  endpoint(family: Family, handle: number, port: number): Endpoint {
    const ip = this.address(family, handle);
    return port === NO_PORT ? { ip } : { ip, port };
  }

  /** `10.0.0.1:53`, `[fd00::1]:53`; without the port where it is 0. */
  place(family: Family, handle: number, port: number): string {
    const ip = this.address(family, handle);
    if (port <= 0) return ip;
    return family === 6 ? `[${ip}]:${port}` : `${ip}:${port}`;
  }
}

const PROTOCOL_NAMES: Readonly<Record<number, string>> = { 1: 'icmp', 4: 'ipip', 6: 'tcp', 17: 'udp', 41: 'ipv6', 47: 'gre', 58: 'icmpv6', 132: 'sctp' };

/** `udp`, `icmpv6`; a protocol without a name by its number. */
export function protocolName(protocol: number): string {
  return PROTOCOL_NAMES[protocol] ?? `${protocol}`;
}
