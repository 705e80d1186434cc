/** A machine's attachment to a link (struct net_device with its in_device and inet6_dev). */
import type { Family, LinkCapture } from '@worldline/model';

/** Address scopes, as rtnetlink numbers them: the larger, the nearer. */
export const SCOPE_UNIVERSE = 0;
export const SCOPE_SITE = 200;
export const SCOPE_LINK = 253;
export const SCOPE_HOST = 254;
export const SCOPE_NOWHERE = 255;

export type InterfaceKind = 'loopback' | 'physical' | 'veth' | 'bridge' | 'vxlan' | 'ipip' | 'gre' | 'sit' | 'dummy' | 'vlan' | 'vrf' | (string & {});

export interface InterfaceAddress {
  readonly family: Family;
  readonly handle: number;
  /** The other end of a point-to-point address; the address itself otherwise. */
  readonly peer: number;
  readonly prefixLength: number;
  /** Broadcast address, 0 for none. */
  readonly broadcast: number;
  /** SCOPE_*. */
  readonly scope: number;
  readonly isSecondary: boolean;
  readonly isDeprecated: boolean;
  readonly isTentative: boolean;
  readonly label: string | null;
  /** Made by the kernel from the MAC address when the link came up. */
  readonly isGenerated: boolean;
}

/** State of a bridge port, as `bridge -d link` prints it. */
export type PortState = 'disabled' | 'listening' | 'learning' | 'forwarding' | 'blocking';

export class NetworkInterface {
  macId = -1;
  mtu = 1500;
  isUp = false;
  /** LOWER_UP: the other end is there and up. */
  hasCarrier = false;
  isPromiscuous = false;
  /** `ip link set group`; 0 is `default`. */
  group = 0;
  isDeleted = false;
  /** IFF_NOARP: its neighbours need no address. */
  isNoArp = false;
  isPointToPoint = false;
  /** Whether frames carry MAC addresses (Ethernet); not so on lo and on layer 3 tunnels. */
  hasLinkAddress = true;
  /** The bridge, bond or VRF that it is a port of, -1 for none. */
  masterPosition = -1;
  isBridgePort = false;
  /** The other end of a veth pair; -1: the fabric, or none. */
  peerMachine = -1;
  peerPosition = -1;
  /** The device that a VLAN is on, -1 for none, and its tag. */
  lowerPosition = -1;
  vlanTag = 0;
  /** IPv4 in the order of `ip addr`; IPv6 likewise, the one added last first. */
  addresses: readonly InterfaceAddress[] = [];

  // --- as a bridge port ---
  portState: PortState = 'forwarding';
  isHairpin = false;
  isIsolated = false;
  isLearning = true;
  isFlooding = true;
  isMulticastFlooding = true;
  isBroadcastFlooding = true;
  isNeighSuppressing = false;

  // --- as a bridge ---
  isNfCallIptables = false;
  isNfCallIp6tables = false;
  isVlanFiltering = false;

  constructor(
    /** Index in the machine's table, for the whole run. */
    readonly position: number,
    public ifindex: number,
    public nameId: number,
    public name: string,
    readonly kind: InterfaceKind,
    /** `linkinfo.info_data` as captured or given by a command. */
    public kindData: Readonly<Record<string, unknown>>,
    /** As captured; null for an interface that a command made. */
    readonly capture: LinkCapture | null,
  ) {}

  copy(): NetworkInterface {
    return Object.assign(new NetworkInterface(this.position, this.ifindex, this.nameId, this.name, this.kind, this.kindData, this.capture), this);
  }
}
