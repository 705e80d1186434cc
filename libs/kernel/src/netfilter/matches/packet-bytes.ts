/** The bytes of a packet from its IP header on, for matches that look at them. Payloads begin as the scenario says and go on with zeros; checksums of the transport are left 0. */
import { PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_TCP, PROTOCOL_UDP, type AddressTable, type PacketContext } from '../../packet/index.js';
import type { Environment } from '../../record/index.js';

const buffer = new Uint8Array(65_536 + 40);
const view = new DataView(buffer.buffer);
const UDP_HEADER = 8;
const ICMP_HEADER = 8;
/** VXLAN's header and Ethernet's stand before the packet that a tunnel carries. */
const VXLAN_HEADERS = 22;

/** Valid until the next call. */
export function packetBytes({ addresses, payloadBytes }: Environment, p: PacketContext): Uint8Array {
  const length = Math.min(p.length, 65_535);
  buffer.fill(0, 0, length + 40);
  writePacket(p, { addresses, payloadBytes, at: 0 });
  return buffer.subarray(0, length);
}

interface Place {
  readonly addresses: AddressTable;
  readonly payloadBytes: Uint8Array;
  /** Where the packet begins in the buffer. */
  readonly at: number;
}

/** A packet, and what it quotes or carries. */
function writePacket(p: PacketContext, place: Place): void {
  const start = place.at + (p.family === 4 ? writeIpv4(p, place.at) : writeIpv6(place.addresses, p, place.at));
  if (p.fragmentOffset > 0) return;
  const data = writeTransport(p, start, place.at);
  if (data < 0 || data >= place.at + p.length) return;
  if (p.inner) writePacket(p.inner, { ...place, at: p.protocol === PROTOCOL_UDP ? data + VXLAN_HEADERS : data });
  else buffer.set(place.payloadBytes.subarray(0, Math.max(0, place.at + p.length - data)), data);
}

function writeIpv4(p: PacketContext, at: number): number {
  buffer[at] = 0x45;
  buffer[at + 1] = p.tos;
  view.setUint16(at + 2, p.length & 0xffff);
  view.setUint16(at + 4, p.ipId & 0xffff);
  view.setUint16(at + 6, (p.isDontFragment ? 0x4000 : 0) | (p.hasMoreFragments ? 0x2000 : 0) | (p.fragmentOffset >> 3));
  buffer[at + 8] = p.ttl;
  buffer[at + 9] = p.protocol;
  view.setInt32(at + 12, p.source);
  view.setInt32(at + 16, p.destination);
  let sum = 0;
  for (let i = 0; i < 20; i += 2) sum += view.getUint16(at + i);
  sum = (sum & 0xffff) + (sum >>> 16);
  view.setUint16(at + 10, ~(sum + (sum >>> 16)) & 0xffff);
  return 20;
}

function writeIpv6(addresses: AddressTable, p: PacketContext, at: number): number {
  view.setUint32(at, ((6 << 28) | (p.tos << 20)) >>> 0);
  view.setUint16(at + 4, (p.length - 40) & 0xffff);
  buffer[at + 6] = p.protocol;
  buffer[at + 7] = p.ttl;
  for (let i = 0; i < 4; i++) {
    view.setInt32(at + 8 + 4 * i, addresses.word6(p.source, i));
    view.setInt32(at + 24 + 4 * i, addresses.word6(p.destination, i));
  }
  return 40;
}

/** Returns where the data begins; below 0: there are none. */
function writeTransport(p: PacketContext, at: number, start: number): number {
  if (p.protocol === PROTOCOL_ICMP || p.protocol === PROTOCOL_ICMPV6) {
    buffer[at] = p.icmpType;
    buffer[at + 1] = p.icmpCode;
    if (p.icmpMtu !== 0) view.setUint32(at + 4, p.icmpMtu);
    else {
      view.setUint16(at + 4, p.sourcePort);
      view.setUint16(at + 6, p.icmpSequence & 0xffff);
    }
    return at + ICMP_HEADER;
  }
  view.setUint16(at, p.sourcePort);
  view.setUint16(at + 2, p.destinationPort);
  if (p.protocol === PROTOCOL_UDP) {
    view.setUint16(at + 4, (start + p.length - at) & 0xffff);
    return at + UDP_HEADER;
  }
  if (p.protocol !== PROTOCOL_TCP) return p.inner ? at : -1;
  view.setInt32(at + 4, p.tcpSeq);
  view.setInt32(at + 8, p.tcpAck);
  const header = Math.max(20, start + p.length - at - p.payloadLength);
  buffer[at + 12] = (header >> 2) << 4;
  buffer[at + 13] = p.tcpFlags;
  view.setUint16(at + 14, p.tcpWindow & 0xffff);
  return p.payloadLength > 0 ? at + header : -1;
}
