/**
 * Client sockets of the scenario: UDP ones are bound and ICMP ones opened before time 0 and kept; flows with the same machine, protocol, address and port share one.
 */
import type { Family } from '@worldline/model';
import { EADDRINUSE, EADDRNOTAVAIL, PROTOCOL_TCP, PROTOCOL_UDP, type PacketContext } from '../../packet/index.js';
import type { RunNetwork } from '../network.js';
import { addressAt, portAt, type Flow } from './flow.js';

/** net.ipv4.ip_local_port_range. */
const FIRST_PORT = 32_768;
const LAST_PORT = 60_999;

/** A raw ICMP socket: it hears every error about an ICMP packet from its address. */
interface EchoClient {
  readonly family: Family;
  /** 0: any. */
  readonly address: number;
}

export class Clients {
  private readonly echo = new Map<number, EchoClient[]>();

  /** Opens the sockets of all flows, in their order. */
  bind(flows: readonly Flow[], network: RunNetwork): void {
    const known = new Map<string, number>();
    for (const flow of flows) {
      if (flow.isRaw) continue;
      if (flow.protocol === PROTOCOL_UDP) bindDatagram(flow, network, known);
      else if (flow.protocol === PROTOCOL_TCP) continue;
      else this.openEcho(flow, network);
    }
  }

  /** Whether a raw socket of the scenario at this machine hears of an error about `inner`: raw_icmp_error. */
  hasEchoClient(machine: number, inner: PacketContext): boolean {
    const clients = this.echo.get(machine);
    return clients?.some(({ family, address }) => family === inner.family && (address === 0 || address === inner.source)) ?? false;
  }

  private openEcho(flow: Flow, network: RunNetwork): void {
    const clients = this.echo.get(flow.machine) ?? [];
    this.echo.set(flow.machine, clients);
    const address = flow.hasSourceAddress ? addressAt(flow.source, 0, network.environment.addresses) : 0;
    clients.push({ family: flow.family, address });
    if (flow.hasSourcePort) return;
    flow.chosenPorts = new Int32Array(flow.spec.connections);
    for (let c = 0; c < flow.spec.connections; c++) flow.chosenPorts[c] = 1 + network.environment.random.below(0xffff);
  }
}

/** Fills `flow.sockets`: a socket, or the negative errno of bind(), per source endpoint. */
function bindDatagram(flow: Flow, network: RunNetwork, known: Map<string, number>): void {
  const { source, machine, family, spec } = flow;
  const { sockets } = network.machines[machine];
  const endpoints = flow.hasSourcePort ? Math.min(spec.connections, source.addressCount * source.portCount) : spec.connections;
  flow.sockets = new Int32Array(endpoints);
  if (!flow.hasSourcePort) flow.chosenPorts = new Int32Array(endpoints);
  for (let n = 0; n < endpoints; n++) {
    const address = addressAt(source, n, network.environment.addresses);
    const port = flow.hasSourcePort ? portAt(source, n) : sockets.choosePort(PROTOCOL_UDP, family, address, FIRST_PORT, LAST_PORT, network.environment.random);
    if (flow.chosenPorts !== null) flow.chosenPorts[n] = port;
    const key = `${machine} ${family} ${address} ${port}`;
    const shared = known.get(key);
    flow.sockets[n] = shared ?? bindOne(flow, network, address, port);
    known.set(key, flow.sockets[n]);
  }
}

function bindOne(flow: Flow, network: RunNetwork, address: number, port: number): number {
  const machine = network.machines[flow.machine];
  if (address !== 0 && !machine.isLocalAddress(flow.family, address)) return EADDRNOTAVAIL;
  if (machine.sockets.isUdpPortTaken(flow.family, address, port)) return EADDRINUSE;
  return machine.sockets.bind({ protocol: PROTOCOL_UDP, family: flow.family, isDualStack: false, address, port, device: -1, isServer: false });
}

/** bind() of a TCP client: 0 or a negative errno; the port in `choice.port`. */
export function bindConnection(flow: Flow, network: RunNetwork, address: number, connection: number): { readonly error: number; readonly port: number } {
  const machine = network.machines[flow.machine];
  const { sockets } = machine;
  if (address !== 0 && !machine.isLocalAddress(flow.family, address)) return { error: EADDRNOTAVAIL, port: portAt(flow.source, connection) };
  if (!flow.hasSourcePort) {
    const port = sockets.choosePort(PROTOCOL_TCP, flow.family, address, FIRST_PORT, LAST_PORT, network.environment.random);
    return { error: port === 0 ? EADDRINUSE : 0, port };
  }
  const port = portAt(flow.source, connection);
  return { error: sockets.isTcpPortTaken(flow.family, address, port) ? EADDRINUSE : 0, port };
}
