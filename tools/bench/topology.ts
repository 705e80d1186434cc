/** client pod - node-a - node-b - server pod. The bundle and the kernel's namespaces are both made from this. */

export interface BenchInterface {
  readonly name: string;
  readonly index: number;
  readonly mac: string;
  readonly address: string;
  readonly length: number;
  /** The other end: which machine, and its interface. */
  readonly peer: readonly [machine: string, name: string];
}

export interface BenchMachine {
  /** `node/node-a`, `pod/default/client`. */
  readonly name: string;
  readonly isNode: boolean;
  readonly interfaces: readonly BenchInterface[];
  readonly routes: readonly { readonly to: string; readonly via?: string; readonly device: string; readonly isLocal?: boolean }[];
  readonly neighbours: readonly { readonly address: string; readonly mac: string; readonly device: string }[];
}

export const CLIENT = 'pod/default/client';
export const SERVER = 'pod/default/server';
const GATEWAY = '169.254.1.1';
/** Senders of datagrams that no socket sent: beside the client's own address, so that answers end in it without an error. */
export const FIRST_SENDER = '10.244.0.3';
const CLIENT_RANGE = '10.244.0.0/17';
const SERVER_RANGE = '10.244.128.0/17';

function pod(name: string, address: string, mac: string, node: string, veth: string, extra: BenchMachine['routes']): BenchMachine {
  return {
    name,
    isNode: false,
    interfaces: [{ name: 'eth0', index: 2, mac, address, length: 32, peer: [node, veth] }],
    routes: [{ to: `${GATEWAY}/32`, device: 'eth0' }, { to: 'default', via: GATEWAY, device: 'eth0' }, ...extra],
    neighbours: [{ address: GATEWAY, mac: node === 'node/node-a' ? '02:03:00:00:00:01' : '02:03:00:00:00:02', device: 'eth0' }],
  };
}

function node(letter: 'a' | 'b', near: string, far: string): BenchMachine {
  const [own, other] = letter === 'a' ? [1, 2] : [2, 1];
  const [pod, address] = letter === 'a' ? [CLIENT, '10.244.0.2'] : [SERVER, '10.244.128.2'];
  return {
    name: `node/node-${letter}`,
    isNode: true,
    interfaces: [
      { name: 'eth0', index: 10, mac: `02:00:00:00:00:0${own}`, address: `192.168.50.${own}`, length: 24, peer: [`node/node-${letter === 'a' ? 'b' : 'a'}`, 'eth0'] },
      { name: 'veth0', index: 11, mac: `02:03:00:00:00:0${own}`, address: GATEWAY, length: 32, peer: [pod, 'eth0'] },
    ],
    routes: [{ to: `${address}/32`, device: 'veth0' }, { to: near, via: address, device: 'veth0' }, { to: far, via: `192.168.50.${other}`, device: 'eth0' }],
    neighbours: [
      { address: `192.168.50.${other}`, mac: `02:00:00:00:00:0${other}`, device: 'eth0' },
      { address, mac: `02:02:00:00:00:0${own}`, device: 'veth0' },
    ],
  };
}

export const MACHINES: readonly BenchMachine[] = [
  pod(CLIENT, '10.244.0.2', '02:02:00:00:00:01', 'node/node-a', 'veth0', []),
  node('a', CLIENT_RANGE, SERVER_RANGE),
  node('b', SERVER_RANGE, CLIENT_RANGE),
  // The server owns every endpoint's address
  pod(SERVER, '10.244.128.2', '02:02:00:00:00:02', 'node/node-b', 'veth0', [{ to: SERVER_RANGE, device: 'lo', isLocal: true }]),
];
