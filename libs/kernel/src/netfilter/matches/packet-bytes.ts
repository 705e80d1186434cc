/** The bytes of a packet from its IP header on, for matches that look at them; payload is zeros, checksums of the transport are left 0. */
import { PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_TCP, PROTOCOL_UDP, type AddressTable, type PacketContext } from '../../packet/index.js';

const buffer = new Uint8Array(65_536 + 40);
const view = new DataView(buffer.buffer);

/** Valid until the next call. */
export function packetBytes(addresses: AddressTable, p: PacketContext): Uint8Array {
  const length = Math.min(p.length, 65_535);
  buffer.fill(0, 0, length + 40);
  const transport = p.family === 4 ? writeIpv4(p) : writeIpv6(addresses, p);
  if (p.fragmentOffset === 0) writeTransport(p, transport);
  return buffer.subarray(0, length);
}

function writeIpv4(p: PacketContext): number {
  buffer[0] = 0x45;
  buffer[1] = p.tos;
  view.setUint16(2, p.length & 0xffff);
  view.setUint16(4, p.ipId & 0xffff);
  view.setUint16(6, (p.isDontFragment ? 0x4000 : 0) | (p.hasMoreFragments ? 0x2000 : 0) | (p.fragmentOffset >> 3));
  buffer[8] = p.ttl;
  buffer[9] = p.protocol;
  view.setInt32(12, p.source);
  view.setInt32(16, p.destination);
  let sum = 0;
  for (let i = 0; i < 20; i += 2) sum += view.getUint16(i);
  sum = (sum & 0xffff) + (sum >>> 16);
  view.setUint16(10, ~(sum + (sum >>> 16)) & 0xffff);
  return 20;
}

function writeIpv6(addresses: AddressTable, p: PacketContext): number {
  view.setUint32(0, ((6 << 28) | (p.tos << 20)) >>> 0);
  view.setUint16(4, (p.length - 40) & 0xffff);
  buffer[6] = p.protocol;
  buffer[7] = p.ttl;
  for (let i = 0; i < 4; i++) {
    view.setInt32(8 + 4 * i, addresses.word6(p.source, i));
    view.setInt32(24 + 4 * i, addresses.word6(p.destination, i));
  }
  return 40;
}

function writeTransport(p: PacketContext, at: number): void {
  if (p.protocol === PROTOCOL_ICMP || p.protocol === PROTOCOL_ICMPV6) {
    buffer[at] = p.icmpType;
    buffer[at + 1] = p.icmpCode;
    if (p.icmpMtu !== 0) view.setUint32(at + 4, p.icmpMtu);
    else {
      view.setUint16(at + 4, p.sourcePort);
      view.setUint16(at + 6, p.icmpSequence & 0xffff);
    }
    return;
  }
  view.setUint16(at, p.sourcePort);
  view.setUint16(at + 2, p.destinationPort);
  if (p.protocol === PROTOCOL_UDP) view.setUint16(at + 4, (p.length - at) & 0xffff);
  if (p.protocol !== PROTOCOL_TCP) return;
  view.setInt32(at + 4, p.tcpSeq);
  view.setInt32(at + 8, p.tcpAck);
  const header = Math.max(20, p.length - at - p.payloadLength);
  buffer[at + 12] = (header >> 2) << 4;
  buffer[at + 13] = p.tcpFlags;
  view.setUint16(at + 14, p.tcpWindow & 0xffff);
}
