/**
 * The sysctls of connection tracking as a table of integers, read again whenever the machine's sysctls have changed.
 * Timeouts are jiffies (nf_conntrack_standalone.c, 6.18).
 */
import { HZ } from './constants.js';

/** What this room needs of SysctlState. */
export interface SysctlSource {
  readonly generation: number;
  get(name: string): string | undefined;
}

const PREFIX = 'net.netfilter.nf_conntrack_';

interface SettingSpec {
  readonly key: string;
  readonly initial: number;
  readonly isSeconds: boolean;
}
const seconds = (name: string, initial: number): SettingSpec => ({ key: PREFIX + name, initial, isSeconds: true });
const number = (name: string, initial: number): SettingSpec => ({ key: PREFIX + name, initial, isSeconds: false });

/** Order matters: TCP and SCTP timeouts stand at their state's number from SETTING_TCP and SETTING_SCTP on. */
const SETTINGS: readonly SettingSpec[] = [
  seconds('tcp_timeout_close', 10), // NONE has none of its own
  seconds('tcp_timeout_syn_sent', 120),
  seconds('tcp_timeout_syn_recv', 60),
  seconds('tcp_timeout_established', 432000),
  seconds('tcp_timeout_fin_wait', 120),
  seconds('tcp_timeout_close_wait', 60),
  seconds('tcp_timeout_last_ack', 30),
  seconds('tcp_timeout_time_wait', 120),
  seconds('tcp_timeout_close', 10),
  seconds('tcp_timeout_syn_sent', 120), // SYN_SENT2: no sysctl, the default of SYN_SENT
  seconds('tcp_timeout_max_retrans', 300),
  seconds('tcp_timeout_unacknowledged', 300),
  seconds('sctp_timeout_closed', 10),
  seconds('sctp_timeout_closed', 10),
  seconds('sctp_timeout_cookie_wait', 3),
  seconds('sctp_timeout_cookie_echoed', 3),
  seconds('sctp_timeout_established', 210),
  seconds('sctp_timeout_shutdown_sent', 3),
  seconds('sctp_timeout_shutdown_recd', 3),
  seconds('sctp_timeout_shutdown_ack_sent', 3),
  seconds('sctp_timeout_heartbeat_sent', 30),
  seconds('udp_timeout', 30),
  seconds('udp_timeout_stream', 120),
  seconds('icmp_timeout', 30),
  seconds('icmpv6_timeout', 30),
  seconds('gre_timeout', 30),
  seconds('gre_timeout_stream', 180),
  seconds('generic_timeout', 600),
  number('tcp_loose', 1),
  number('tcp_be_liberal', 0),
  number('tcp_max_retrans', 3),
  number('tcp_ignore_invalid_rst', 0),
  number('max', 262144),
  number('buckets', 262144),
  number('acct', 0),
  number('timestamp', 0),
  seconds('frag6_timeout', 60),
  { key: 'net.ipv4.ipfrag_time', initial: 30, isSeconds: true },
  { key: 'net.ipv6.ip6frag_time', initial: 60, isSeconds: true },
];

export const SETTING_TCP = 0;
export const SETTING_TCP_RETRANS = 10;
export const SETTING_TCP_UNACK = 11;
export const SETTING_SCTP = 12;
export const SETTING_UDP = 21;
export const SETTING_UDP_STREAM = 22;
export const SETTING_ICMP = 23;
export const SETTING_ICMPV6 = 24;
export const SETTING_GRE = 25;
export const SETTING_GRE_STREAM = 26;
export const SETTING_GENERIC = 27;
export const SETTING_TCP_LOOSE = 28;
export const SETTING_TCP_BE_LIBERAL = 29;
export const SETTING_TCP_MAX_RETRANS = 30;
export const SETTING_TCP_IGNORE_INVALID_RST = 31;
export const SETTING_MAX = 32;
export const SETTING_BUCKETS = 33;
export const SETTING_ACCT = 34;
export const SETTING_TIMESTAMP = 35;
export const SETTING_FRAG6 = 36;
export const SETTING_IPFRAG_TIME = 37;
export const SETTING_IP6FRAG_TIME = 38;

const MAX_SECONDS = Math.floor(0x7fffffff / HZ);
const TCP_SYN_SENT2 = 9;

/** Values of a fresh namespace; shared by all that have not been asked yet, and never written. */
const INITIAL = Int32Array.from(SETTINGS, (spec) => valueOf(spec, spec.initial));

export class ConntrackSettings {
  values = INITIAL;
  private generation = -1;

  /** Reads the sysctls again if they have changed since the last call. */
  refresh(sysctl: SysctlSource): void {
    if (sysctl.generation === this.generation) return;
    this.generation = sysctl.generation;
    this.values = INITIAL.slice();
    for (let i = 0; i < SETTINGS.length; i++) {
      if (i === TCP_SYN_SENT2) continue;
      const text = sysctl.get(SETTINGS[i].key);
      if (text !== undefined && text !== '') this.values[i] = valueOf(SETTINGS[i], Number(text));
    }
  }
}

function valueOf(spec: SettingSpec, value: number): number {
  return spec.isSeconds ? Math.min(value, MAX_SECONDS) * HZ : value;
}
