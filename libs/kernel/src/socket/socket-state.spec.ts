import { Random, parseAddress, type IpAddress, type SocketCapture } from '@worldline/model';
import { forSeeds } from '@worldline/testkit';
import { AddressTable, PROTOCOL_TCP, PROTOCOL_UDP, PacketContext } from '../packet/index.js';
import { CONNECTION_BASE, ConnectionTable, SocketState } from './index.js';

const addresses = new AddressTable();
const handle = (text: string): number => addresses.handle(parseAddress(text) as IpAddress);

function listener(text: string): SocketCapture {
  const [protocol, place, device = ''] = text.split(' ');
  const at = place.lastIndexOf(':');
  const address = place.slice(0, at).replace(/^\[|\]$/g, '');
  return {
    protocol: protocol as 'udp' | 'tcp',
    family: address.includes(':') || address === '*' ? 6 : 4,
    address,
    isDualStack: address === '*',
    device: device === '' ? null : device,
    port: Number(place.slice(at + 1)),
    process: null,
  };
}

const compile = (sockets: readonly string[]): SocketState => SocketState.compile(sockets.map(listener), addresses, (name) => ['lo', 'eth0', 'eth1'].indexOf(name));

function packet(protocol: number, destination: string, port: number, inputInterface = 1): PacketContext {
  const p = new PacketContext();
  p.protocol = protocol;
  p.family = destination.includes(':') ? 6 : 4;
  p.destination = handle(destination);
  p.destinationPort = port;
  p.source = handle(destination.includes(':') ? 'fd00::9' : '10.0.0.9');
  p.sourcePort = 40000;
  p.inputInterface = inputInterface;
  return p;
}

describe('lookup', () => {
  const rows: { name: string; sockets: string[]; to: string; device?: number; expected: number }[] = [
    { name: 'any address', sockets: ['udp 0.0.0.0:53'], to: '10.0.0.1', expected: 0 },
    { name: 'another port', sockets: ['udp 0.0.0.0:54'], to: '10.0.0.1', expected: -1 },
    { name: 'another protocol', sockets: ['tcp 0.0.0.0:53'], to: '10.0.0.1', expected: -1 },
    { name: 'a bound address beats any', sockets: ['udp 10.0.0.1:53', 'udp 0.0.0.0:53'], to: '10.0.0.1', expected: 0 },
    { name: 'a bound address takes nothing else', sockets: ['udp 10.0.0.1:53'], to: '10.0.0.2', expected: -1 },
    { name: 'a bound device beats none', sockets: ['udp 0.0.0.0:53 eth0', 'udp 0.0.0.0:53'], to: '10.0.0.1', expected: 0 },
    { name: 'a bound device takes nothing from another', sockets: ['udp 0.0.0.0:53 eth1'], to: '10.0.0.1', expected: -1 },
    { name: 'a bound address beats a bound device', sockets: ['udp 10.0.0.1:53', 'udp 0.0.0.0:53 eth0'], to: '10.0.0.1', expected: 0 },
    { name: 'IPv6 alone takes no IPv4', sockets: ['udp [::]:53'], to: '10.0.0.1', expected: -1 },
    { name: 'dual stack takes IPv4', sockets: ['udp *:53'], to: '10.0.0.1', expected: 0 },
    { name: 'IPv4 beats dual stack', sockets: ['udp 0.0.0.0:53', 'udp *:53'], to: '10.0.0.1', expected: 0 },
    { name: 'IPv6', sockets: ['udp [fd00::1]:53', 'udp *:53'], to: 'fd00::1', expected: 0 },
  ];

  test.each(rows)('UDP: $name', ({ sockets, to, device, expected }) => {
    expect(compile(sockets).lookupUdp(packet(PROTOCOL_UDP, to, 53, device))).toBe(expected);
  });

  test('a broadcast goes to all that could want it', () => {
    const state = compile(['udp 0.0.0.0:53', 'udp 10.0.0.1:53', 'udp *:53', 'udp 0.0.0.0:53 eth1', 'udp 10.0.0.255:53']);
    const into: number[] = [];
    expect(state.lookupUdpMulticast(packet(PROTOCOL_UDP, '10.0.0.255', 53), into)).toBe(3);
    expect([...into].sort()).toEqual([0, 2, 4]);
  });

  test('a connection comes before its listener, until it is gone', () => {
    const state = compile(['tcp 0.0.0.0:80']);
    const p = packet(PROTOCOL_TCP, '10.0.0.1', 80);
    state.connections.add(4, p.destination, 80, p.source, 40000, 7);
    expect(state.lookupTcp(p)).toBe(CONNECTION_BASE + 7);
    state.connections.remove(4, p.destination, 80, p.source, 40000);
    expect(state.lookupTcp(p)).toBe(0);
  });

  test('a fork does not see what is bound later', () => {
    const state = compile(['udp 0.0.0.0:53']);
    const fork = state.fork();
    state.close(0);
    expect([state, fork].map((s) => s.lookupUdp(packet(PROTOCOL_UDP, '10.0.0.1', 53)))).toEqual([-1, 0]);
  });
});

describe('ports', () => {
  const rows = [
    { name: 'any against any', socket: 'udp 0.0.0.0:53', address: '0.0.0.0', isTaken: true },
    { name: 'one address against any', socket: 'udp 0.0.0.0:53', address: '10.0.0.1', isTaken: true },
    { name: 'one address against itself', socket: 'udp 10.0.0.1:53', address: '10.0.0.1', isTaken: true },
    { name: 'one address against another', socket: 'udp 10.0.0.1:53', address: '10.0.0.2', isTaken: false },
    { name: 'IPv4 against dual stack', socket: 'udp *:53', address: '10.0.0.1', isTaken: true },
    { name: 'IPv4 against IPv6 alone', socket: 'udp [::]:53', address: '10.0.0.1', isTaken: false },
  ];

  test.each(rows)('$name', ({ socket, address, isTaken }) => {
    expect(compile([socket]).isUdpPortTaken(4, handle(address), 53)).toBe(isTaken);
  });

  test('TCP clients get ports of the first one\'s parity, UDP clients any; none that is taken', () => {
    const state = compile(['tcp 0.0.0.0:32768', 'udp 0.0.0.0:32769']);
    const random = Random.fromSeed(3);
    const tcp = Array.from({ length: 50 }, () => state.choosePort(PROTOCOL_TCP, 4, 0, 32768, 32799, random));
    const udp = Array.from({ length: 50 }, () => state.choosePort(PROTOCOL_UDP, 4, 0, 32768, 32799, random));
    expect(tcp.every((port) => port % 2 === 0 && port > 32768 && port < 32800)).toBe(true);
    expect(udp.some((port) => port % 2 === 1)).toBe(true);
    expect(udp).not.toContain(32769);
  });

  test('when all are taken there is none', () => {
    expect(compile(['udp 0.0.0.0:5', 'udp 0.0.0.0:6']).choosePort(PROTOCOL_UDP, 4, 0, 5, 6, Random.fromSeed(1))).toBe(0);
  });
});

test('ConnectionTable agrees with a Map', () => {
  forSeeds(5, (random) => {
    const table = new ConnectionTable();
    const model = new Map<string, number>();
    for (let i = 0; i < 2000; i++) {
      const tuple = [random.below(3), random.below(40), random.below(3), random.below(40)] as const;
      const key = tuple.join();
      if (model.has(key)) {
        table.remove(4, ...tuple);
        model.delete(key);
      } else {
        table.add(4, ...tuple, i);
        model.set(key, i);
      }
    }
    for (const [key, block] of model) {
      const [a, b, c, d] = key.split(',').map(Number);
      expect(table.find(4, a, b, c, d)).toBe(block);
      expect(table.find(6, a, b, c, d)).toBe(-1);
    }
  });
});
