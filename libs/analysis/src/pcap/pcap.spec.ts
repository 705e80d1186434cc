import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WireHop } from '@worldline/model';
import { endpoint, flow, packet, report, trace } from '@worldline/testkit';
import { pcapFiles } from './index.js';
import { packetBytes } from './packet-bytes.js';

const NO_SEQUENCE = { seq: 0, ack: 0 };

function wireHop(more: Partial<WireHop> = {}): WireHop {
  return { machine: 'node/n1', interface: 'eth0', direction: 'in', protocol: 'udp', source: endpoint('10.0.0.1:1000'), destination: endpoint('10.0.0.2:53'), ttl: 63, length: 60, ...more };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** A checksum over bytes that hold a right one is 0 (RFC 1071). */
function sumOf(bytes: Uint8Array, start = 0): number {
  let sum = start;
  for (let i = 0; i < bytes.length; i++) sum += (bytes[i] as number) << (i % 2 === 0 ? 8 : 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

test('a UDP datagram: header, checksums, length', () => {
  const bytes = packetBytes(wireHop(), NO_SEQUENCE);
  expect(bytes).toHaveLength(60);
  expect(hex(bytes.subarray(0, 10))).toBe('4500003c000000003f11');
  expect(sumOf(bytes.subarray(0, 20))).toBe(0);
  expect(hex(bytes.subarray(12, 26))).toBe('0a0000010a00000203e800350028');
  expect(sumOf(bytes.subarray(20), 0x0a00 + 1 + 0x0a00 + 2 + 17 + 40)).toBe(0);
});

test.each([
  { name: 'SYN has options', hop: wireHop({ protocol: 'tcp', flags: 'SYN', length: 60 }), at: 32, expected: 'a002' },
  { name: 'ACK has a time stamp’s room', hop: wireHop({ protocol: 'tcp', flags: 'ACK', length: 52 }), at: 32, expected: '8010' },
  { name: 'RST has none', hop: wireHop({ protocol: 'tcp', flags: 'RST', length: 40 }), at: 32, expected: '5004' },
  { name: 'ICMP echo has its id', hop: wireHop({ protocol: 'icmp', icmp: { type: 8, code: 0 }, source: endpoint('10.0.0.1:7') }), at: 24, expected: '0007' },
  { name: 'IPv6 header', hop: wireHop({ source: endpoint('[fd00::1]:5'), destination: endpoint('[fd00::2]:6'), length: 60 }), at: 0, expected: '600000000014113f' },
  { name: 'IPv6 extension', hop: wireHop({ source: endpoint('[fd00::1]:5'), destination: endpoint('[fd00::2]:6'), extensions: ['destination'], length: 68 }), at: 4, expected: '001c3c3f' },
  { name: 'more fragments', hop: wireHop({ fragment: { offset: 0, more: true } }), at: 6, expected: '2000' },
  { name: 'a later fragment', hop: wireHop({ fragment: { offset: 1480, more: false } }), at: 6, expected: '00b9' },
])('$name', ({ hop, at, expected }) => {
  expect(hex(packetBytes(hop, NO_SEQUENCE)).slice(2 * at, 2 * at + expected.length)).toBe(expected);
});

test('a file per machine and interface, in order of time, readable by tcpdump where there is one', () => {
  const wire = [wireHop({ machine: 'pod/default/a', direction: 'out', ttl: 64 }), wireHop()];
  const exchange = [{ what: 'request', trace: trace('Accepted', []), wire } as const];
  const files = pcapFiles(report([flow('f', [packet({ at: '1500ms', exchange }), packet({ at: '40ms', exchange })])]));
  expect([...files.keys()]).toEqual(['nodes/n1/eth0.pcap', 'pods/default/a/eth0.pcap']);
  const bytes = files.get('nodes/n1/eth0.pcap') as Uint8Array;
  expect(hex(bytes.subarray(0, 24))).toBe('4d3cb2a1020004000000000000000000000004006500000' + '0');
  expect(bytes).toHaveLength(24 + 2 * (16 + 60));
  const seconds = [24, 24 + 76].map((at) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true));
  expect(seconds).toEqual([0, 1]);

  const folder = mkdtempSync(join(tmpdir(), 'worldline-pcap-'));
  writeFileSync(join(folder, 'f.pcap'), bytes);
  const dump = spawnSync('tcpdump', ['-nr', join(folder, 'f.pcap')], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  if (dump.error === undefined) expect(dump.stdout).toContain('10.0.0.1.1000 > 10.0.0.2.53');
});
