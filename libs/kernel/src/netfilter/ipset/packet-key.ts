/** The key of a packet for a set: what the `kadt` functions of each type read from the headers (net/netfilter/ipset, 6.18). */
import { PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_SCTP, PROTOCOL_TCP, PROTOCOL_UDP, type PacketContext } from '../../packet/index.js';
import type { Environment } from '../../record/index.js';
import { PART_BITMAP_PORT, PART_IFACE, PART_IP, PART_LATE_MAC, PART_MAC, PART_MARK, PART_NET, PART_PORT, type KernelSet } from './kernel-set.js';

const PROTOCOL_UDPLITE = 136;

/** Where a lookup's packet stands: names (ids in Environment.interfaceNames) of the hook's devices, -1 for none. */
export interface HookDevices {
  input: number;
  output: number;
}

/**
 * Writes the packet's key, networks unmasked and without length; false when the packet has not what the set wants
 * (no port in a later fragment, no link header, no device in this hook).
 */
export function writePacketKey(
  environment: Environment,
  set: KernelSet,
  p: PacketContext,
  directions: number,
  devices: HookDevices,
  key: Int32Array,
): boolean {
  const { kinds, offsets, masks } = set;
  for (let i = 0; i < kinds.length; i++) {
    const isSource = (directions & (2 << i)) !== 0;
    const at = offsets[i];
    switch (kinds[i]) {
      case PART_IP:
      case PART_NET: {
        const address = isSource ? p.source : p.destination;
        const isMasked = kinds[i] === PART_IP;
        if (set.addressWords === 1) key[at] = isMasked ? address & masks[0] : address;
        else for (let w = 0; w < 4; w++) key[at + w] = environment.addresses.word6(address, w) & (isMasked ? masks[w] : -1);
        break;
      }
      case PART_PORT: {
        const port = portOf(p, isSource);
        if (port < 0) return false;
        key[at] = (p.protocol << 16) | port;
        break;
      }
      case PART_BITMAP_PORT:
        // bitmap_port.c ip_set_get_ip_port: TCP and UDP alone
        if ((p.protocol !== PROTOCOL_TCP && p.protocol !== PROTOCOL_UDP) || p.fragmentOffset > 0) return false;
        key[at] = isSource ? p.sourcePort : p.destinationPort;
        break;
      case PART_MAC:
        key[at] = isSource ? p.sourceMac : p.destinationMac;
        if (key[at] < 0) return false;
        break;
      case PART_LATE_MAC:
        if ((isSource ? p.sourceMac : p.destinationMac) < 0) return false;
        break;
      case PART_IFACE: {
        const device = isSource ? devices.input : devices.output;
        if (device < 0) return false;
        key[at] = 0; // ports of a bridge (`physdev:`) are never asked for by a rule
        key[at + 1] = device;
        break;
      }
      case PART_MARK:
        key[at] = p.mark & set.spec.markmask;
        break;
    }
  }
  return true;
}

/** ip_set_get_ip4_port, ip_set_get_ip6_port: the port, an ICMP type and code as one number, 0 for other protocols, -1 for none. */
function portOf(p: PacketContext, isSource: boolean): number {
  switch (p.protocol) {
    case PROTOCOL_TCP:
    case PROTOCOL_UDP:
    case PROTOCOL_SCTP:
    case PROTOCOL_UDPLITE:
      if (p.fragmentOffset > 0) return -1;
      return isSource ? p.sourcePort : p.destinationPort;
    case PROTOCOL_ICMP:
    case PROTOCOL_ICMPV6:
      if (p.fragmentOffset > 0) return -1;
      return (p.icmpType << 8) | p.icmpCode;
    case 0:
      return -1;
    default:
      return p.family === 6 && p.fragmentOffset > 0 ? -1 : 0;
  }
}
