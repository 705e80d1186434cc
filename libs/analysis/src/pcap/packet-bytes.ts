/**
 * The bytes of a packet as a wire hop tells of it: headers as sent, checksums right, data all zeros.
 *
 * What a simulation does not keep is written as the least that a dissector accepts: IP identification 0, TCP window 64240,
 * sequence numbers counted from 0, options as padding.
 */
import { parseAddress } from '@worldline/model';
import type { Endpoint, WireHop } from '@worldline/model';
import { ByteWriter } from './byte-writer.js';

/** TCP sequence numbers of one segment. */
export interface Sequence {
  readonly seq: number;
  readonly ack: number;
}

const PROTOCOLS: Readonly<Record<string, number>> = { icmp: 1, ipip: 4, tcp: 6, udp: 17, ipv6: 41, gre: 47, icmpv6: 58, sctp: 132 };
const EXTENSIONS: Readonly<Record<string, number>> = { 'hop-by-hop': 0, routing: 43, fragment: 44, destination: 60 };
const TCP_FLAGS: Readonly<Record<string, number>> = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16, URG: 32, ECE: 64, CWR: 128 };
const EXTENSION_BYTES = 8;
const QUOTED_BYTES = 8;

/** The packet from its IP header on, `hop.length` bytes long. */
export function packetBytes(hop: WireHop, sequence: Sequence): Uint8Array {
  const writer = new ByteWriter();
  const start = writeIpHeader(writer, hop, hop.length);
  if ((hop.fragment?.offset ?? 0) === 0) writeTransport(writer, hop, sequence);
  writer.fill(hop.length - writer.length);
  if (!hop.fragment) writeChecksum(writer, hop, start);
  return writer.toBytes().subarray(0, Math.max(hop.length, start));
}

/** Bytes of data that a segment carries, as far as its length tells. */
export function tcpDataLength(hop: WireHop): number {
  const header = hop.source.ip.includes(':') ? 40 : 20;
  return Math.max(0, hop.length - header - tcpHeaderLength(hop));
}

type Header = Pick<WireHop, 'source' | 'destination' | 'protocol' | 'ttl' | 'fragment' | 'extensions'>;

/** Returns where the transport header begins. */
function writeIpHeader(writer: ByteWriter, header: Header, length: number): number {
  const start = writer.length;
  if (header.source.ip.includes(':')) writeIpv6Header(writer, header, length);
  else writeIpv4Header(writer, header, length, start);
  return writer.length;
}

function writeIpv4Header(writer: ByteWriter, { source, destination, protocol, ttl, fragment }: Header, length: number, start: number): void {
  writer.u16(0x4500);
  writer.u16(length);
  writer.u16(0);
  writer.u16((fragment?.more ? 0x2000 : 0) | ((fragment?.offset ?? 0) >>> 3));
  writer.u8(ttl);
  writer.u8(numberOf(protocol));
  writer.u16(0);
  writeAddress(writer, source);
  writeAddress(writer, destination);
  writer.setU16(start + 10, writer.checksum(start, start + 20));
}

function writeIpv6Header(writer: ByteWriter, { source, destination, protocol, ttl, fragment, extensions }: Header, length: number): void {
  const chain = [...(extensions ?? []), ...(fragment ? ['fragment'] : [])];
  const next = [...chain.map((name) => EXTENSIONS[name] ?? 59), numberOf(protocol)];
  writer.u32(0x60000000);
  writer.u16(length - 40);
  writer.u8(next[0] as number);
  writer.u8(ttl);
  writeAddress(writer, source);
  writeAddress(writer, destination);
  chain.forEach((name, i) => {
    writer.u8(next[i + 1] as number);
    if (name === 'fragment') {
      writer.u8(0);
      writer.u16((fragment?.offset ?? 0) | (fragment?.more ? 1 : 0));
      writer.u32(0);
    } else {
      writer.u8(0);
      // PadN over the rest of the header (RFC 8200, 4.2).
      writer.u16(0x0104);
      writer.fill(EXTENSION_BYTES - 4);
    }
  });
}

function writeTransport(writer: ByteWriter, hop: WireHop, sequence: Sequence): void {
  switch (hop.protocol) {
    case 'udp':
      writeUdp(writer, hop);
      break;
    case 'tcp':
      writeTcp(writer, hop, sequence);
      break;
    case 'icmp':
    case 'icmpv6':
      writeIcmp(writer, hop);
      break;
    case 'sctp':
      writePorts(writer, hop);
      writer.u32(0);
      writer.u32(0);
      break;
    default:
      if (hop.inner) writeInner(writer, hop.inner, hop.length - writer.length);
  }
}

function writeUdp(writer: ByteWriter, hop: WireHop): void {
  const length = hop.length - writer.length;
  writePorts(writer, hop);
  writer.u16(length);
  writer.u16(0);
  if (!hop.inner) return;
  // VXLAN (RFC 7348, 5): the flag that says its identifier is valid, then an Ethernet frame.
  writer.u32(0x08000000);
  writer.u32(0);
  writer.fill(12);
  writer.u16(hop.inner.source.ip.includes(':') ? 0x86dd : 0x0800);
  writeInner(writer, hop.inner, hop.length - writer.length);
}

function writeTcp(writer: ByteWriter, hop: WireHop, { seq, ack }: Sequence): void {
  const header = tcpHeaderLength(hop);
  const flags = flagBits(hop.flags);
  writePorts(writer, hop);
  writer.u32(seq);
  writer.u32(flags & (TCP_FLAGS['ACK'] as number) ? ack : 0);
  writer.u16(((header / 4) << 12) | flags);
  writer.u16(64240);
  writer.u32(0);
  writer.fill(header - 20, 1);
}

/** SYN carries 20 bytes of options on Linux, other segments of a connection a time stamp's 12, RST none. */
function tcpHeaderLength(hop: WireHop): number {
  const flags = flagBits(hop.flags);
  const ip = hop.source.ip.includes(':') ? 40 : 20;
  const wanted = flags & 4 ? 20 : flags & 2 ? 40 : 32;
  return Math.min(wanted, Math.max(20, hop.length - ip)) & ~3;
}

function writeIcmp(writer: ByteWriter, hop: WireHop): void {
  writer.u8(hop.icmp?.type ?? 0);
  writer.u8(hop.icmp?.code ?? 0);
  writer.u16(0);
  if (hop.inner) {
    writer.u32(hop.icmp?.mtu ?? 0);
    writeInner(writer, hop.inner, hop.length - writer.length);
  } else {
    writer.u16(hop.source.port ?? 0);
    writer.u16(1);
  }
}

/** A packet in a packet: quoted by an ICMP error, or carried in a tunnel. Of its transport header the ports are known. */
function writeInner(writer: ByteWriter, inner: NonNullable<WireHop['inner']>, room: number): void {
  const headerLength = inner.source.ip.includes(':') ? 40 : 20;
  if (room < headerLength + QUOTED_BYTES) return;
  writeIpHeader(writer, { ...inner, ttl: inner.ttl ?? 64 }, room);
  writePorts(writer, inner);
}

function writeChecksum(writer: ByteWriter, hop: WireHop, start: number): void {
  const place = { udp: 6, tcp: 16, icmp: 2, icmpv6: 2 }[hop.protocol];
  if (place === undefined || start + place + 2 > writer.length) return;
  const pseudo = hop.protocol === 'icmp' ? 0 : pseudoHeaderSum(hop, writer.length - start);
  const sum = writer.checksum(start, writer.length, pseudo);
  writer.setU16(start + place, hop.protocol === 'udp' && sum === 0 ? 0xffff : sum);
}

function pseudoHeaderSum(hop: WireHop, length: number): number {
  const halves = [hop.source, hop.destination].flatMap(({ ip }) => (parseAddress(ip)?.words ?? []).flatMap((word) => [word >>> 16, word & 0xffff]));
  return halves.reduce((sum, half) => sum + half, numberOf(hop.protocol) + length);
}

function writePorts(writer: ByteWriter, { source, destination }: { readonly source: Endpoint; readonly destination: Endpoint }): void {
  writer.u16(source.port ?? 0);
  writer.u16(destination.port ?? 0);
}

function writeAddress(writer: ByteWriter, { ip }: Endpoint): void {
  const address = parseAddress(ip);
  if (address?.family === 6) address.words.forEach((word) => writer.u32(word));
  else writer.u32(address?.words[3] ?? 0);
}

function numberOf(protocol: string): number {
  return PROTOCOLS[protocol] ?? (/^\d+$/.test(protocol) ? Number(protocol) & 255 : 255);
}

function flagBits(flags: string | undefined): number {
  return (flags ?? '').split(',').reduce((bits, flag) => bits | (TCP_FLAGS[flag] ?? 0), 0);
}
