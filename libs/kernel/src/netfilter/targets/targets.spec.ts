import { ACCEPT, CT_UNTRACKED, POSTROUTING, PREROUTING, TCP_SYN, type PacketContext } from '../../packet/index.js';
import type { Family } from '@worldline/model';
import { TARGETS } from './index.js';
import { runHook } from '../index.js';
import { TestMachine, type TestPacket } from '../test-machine.fixture.js';

interface Row {
  readonly table: string;
  readonly rule: string;
  readonly packet?: TestPacket;
  readonly expected: Partial<PacketContext>;
  readonly family?: Family;
}

const ROWS: readonly Row[] = [
  { table: 'mangle', rule: '-j MARK --set-xmark 0x5/0xff', packet: { mark: 0x1f0 }, expected: { mark: 0x105 } },
  { table: 'mangle', rule: '-j MARK --set-xmark 0x4000/0x0', packet: { mark: 0x4001 }, expected: { mark: 1 } },
  { table: 'mangle', rule: '-j TTL --ttl-set 10', expected: { ttl: 10 } },
  { table: 'mangle', rule: '-j TTL --ttl-dec 70', expected: { ttl: 0 } },
  { table: 'mangle', rule: '-j TTL --ttl-inc 200', expected: { ttl: 255 } },
  { table: 'mangle', rule: '-j HL --hl-dec 1', family: 6, expected: { ttl: 63 } },
  { table: 'mangle', rule: '-j TOS --set-tos 0x10/0x3f', packet: { fields: { tos: 0xcf } }, expected: { tos: 0xd0 } },
  { table: 'mangle', rule: '-j DSCP --set-dscp 0x0a', packet: { fields: { tos: 3 } }, expected: { tos: 0x2b } },
  { table: 'mangle', rule: '-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j TCPMSS --set-mss 1000', packet: { protocol: 6, fields: { tcpFlags: TCP_SYN, tcpMss: 1460 } }, expected: { tcpMss: 1000 } },
  { table: 'mangle', rule: '-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j TCPMSS --set-mss 1000', packet: { protocol: 6, fields: { tcpFlags: TCP_SYN, tcpMss: 900 } }, expected: { tcpMss: 900 } },
  { table: 'mangle', rule: '-p tcp -j TCPOPTSTRIP --strip-options 3,8', packet: { protocol: 6, fields: { tcpWindowScale: 7, hasTimestamps: true } }, expected: { tcpWindowScale: -1, hasTimestamps: false } },
  { table: 'raw', rule: '-j CT --notrack', expected: { conntrackInfo: CT_UNTRACKED } },
  { table: 'raw', rule: '-j NOTRACK', expected: { conntrackInfo: CT_UNTRACKED } },
  { table: 'raw', rule: '-j TRACE', expected: { isNfTraced: true } },
  { table: 'mangle', rule: '-j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff', packet: { mark: 7 }, expected: { mark: 7 } },
];

it.each(ROWS)('$rule', ({ table, rule, packet = {}, expected, family = 4 }) => {
  const m = new TestMachine(`*${table}\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING ${rule}\nCOMMIT\n`, family);
  expect(m.issues).toEqual([]);
  m.machine.netfilter.isTracking = [false, false];
  expect(m.send({ family, ...packet }, PREROUTING)).toMatchObject(expected);
});

describe('nat', () => {
  const nat = (rules: readonly string[]): TestMachine =>
    new TestMachine(`*nat\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n${rules.map((r) => `-A ${r}\n`).join('')}COMMIT\n`);

  it.each([
    { rule: 'PREROUTING -p udp -j DNAT --to-destination 10.9.9.9:99', hooks: [PREROUTING], destination: '10.9.9.9', port: 99 },
    { rule: 'PREROUTING -p udp -j DNAT --to-destination :99', hooks: [PREROUTING], destination: '10.0.0.2', port: 99 },
    { rule: 'PREROUTING -j NETMAP --to 10.7.0.0/16', hooks: [PREROUTING], destination: '10.7.0.2', port: 53 },
    { rule: 'POSTROUTING -j SNAT --to-source 192.0.2.7', hooks: [PREROUTING, POSTROUTING], source: '192.0.2.7' },
    { rule: 'POSTROUTING -p udp -j MASQUERADE', hooks: [PREROUTING, POSTROUTING], source: '192.0.2.1' },
  ])('$rule', ({ rule, hooks, destination, port, source }) => {
    const m = nat([rule]);
    expect(m.issues).toEqual([]);
    m.machine.conntrack.settings.refresh(m.machine.sysctl);
    const p = m.send({}, hooks[0]);
    for (const hook of hooks.slice(1)) expect(runHook(m.machine, p, hook)).toBe(ACCEPT);
    if (destination !== undefined) expect([p.destination, p.destinationPort]).toEqual([m.handle(destination), port]);
    if (source !== undefined) expect(p.source).toBe(m.handle(source));
  });

  it('asks rules once for each connection', () => {
    const m = nat(['PREROUTING -p udp -j DNAT --to-destination 10.9.9.9:99']);
    m.machine.conntrack.settings.refresh(m.machine.sysctl);
    for (let i = 0; i < 3; i++) {
      const p = m.send({}, PREROUTING);
      expect(runHook(m.machine, p, POSTROUTING)).toBe(ACCEPT);
      expect(p.destination).toBe(m.handle('10.9.9.9'));
    }
    expect(m.save()).toContain('[1:60] -A PREROUTING -p udp -j DNAT --to-destination 10.9.9.9:99');
  });

  it('needs a rule that tracks: base chains alone do not', () => {
    expect(nat([]).machine.netfilter.needsConntrack(4)).toBe(false);
    expect(nat(['POSTROUTING -s 10.0.0.0/8 -j ACCEPT']).machine.netfilter.needsConntrack(4)).toBe(false);
    expect(nat(['POSTROUTING -j MASQUERADE']).machine.netfilter.needsConntrack(4)).toBe(true);
  });
});

it('cites the kernel for each, once', () => {
  expect(TARGETS.every(({ citation }) => /\.c/.test(citation))).toBe(true);
  expect(new Set(TARGETS.map(({ opcode }) => opcode)).size).toBe(TARGETS.length);
});
