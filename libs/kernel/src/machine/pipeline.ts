/**
 * The order of the kernel's stages; nowhere else is it stated.
 *
 *   device ── bridge port? ── PREROUTING(bridge) ── port, or up ─┐
 *     │                                                          │
 *     └── ARP | PREROUTING ── route ──┬── INPUT ── socket        │
 *                                     │                          │
 *                                     └── FORWARD ──┐            │
 *   process ── route ── OUTPUT ─────────────────────┴── POSTROUTING ── (fragments) ── neighbour ── device
 *
 * Each stage returns the next one. A packet that leaves for another machine, waits or was taken by a socket returns STAGE_DONE.
 */
import { assert } from '@worldline/model';
import {
  STAGE_ARP,
  STAGE_BRIDGE_FORWARD,
  STAGE_BRIDGE_INPUT,
  STAGE_BRIDGE_PASS_UP,
  STAGE_BRIDGE_TRANSMIT,
  STAGE_DONE,
  STAGE_END,
  STAGE_FORWARD,
  STAGE_LOCAL_IN,
  STAGE_LOCAL_OUT,
  STAGE_NEIGHBOR,
  STAGE_NETWORK_RECEIVE,
  STAGE_OUTPUT,
  STAGE_RECEIVE,
  STAGE_TRANSMIT,
  type PacketContext,
} from '../packet/index.js';
import { bridgeForward, bridgeInput, bridgePassUp, bridgeTransmit } from '../link/index.js';
import { receiveArp } from './arp.js';
import { localIn } from './deliver.js';
import { forward } from './forward.js';
import type { Machine } from './machine.js';
import { localOut, output } from './output.js';
import { networkReceive, receive } from './receive.js';
import { sendReject } from './reset.js';
import { neighbour, transmit } from './transmit.js';

/** Runs a packet through its machine from `p.stage` on, until it is somebody else's or its life ends. */
export function runStages(m: Machine, p: PacketContext): void {
  let stage = p.stage;
  while (stage !== STAGE_DONE) {
    switch (stage) {
      case STAGE_RECEIVE:
        stage = receive(m, p);
        break;
      case STAGE_BRIDGE_INPUT:
        stage = bridgeInput(m, p);
        break;
      case STAGE_BRIDGE_FORWARD:
        stage = bridgeForward(m, p);
        break;
      case STAGE_BRIDGE_PASS_UP:
        stage = bridgePassUp(m, p);
        break;
      case STAGE_NETWORK_RECEIVE:
        stage = networkReceive(m, p);
        break;
      case STAGE_LOCAL_IN:
        stage = localIn(m, p);
        break;
      case STAGE_FORWARD:
        stage = forward(m, p);
        break;
      case STAGE_LOCAL_OUT:
        stage = localOut(m, p);
        break;
      case STAGE_OUTPUT:
        stage = output(m, p);
        break;
      case STAGE_NEIGHBOR:
        stage = neighbour(m, p);
        break;
      case STAGE_TRANSMIT:
        stage = transmit(m, p);
        break;
      case STAGE_BRIDGE_TRANSMIT:
        stage = bridgeTransmit(m, p);
        break;
      case STAGE_ARP:
        stage = receiveArp(m, p);
        break;
      case STAGE_END:
        // REJECT answers before the packet goes
        if (p.rejectWith !== 0) sendReject(m, p);
        m.network.end(p);
        return;
      default:
        assert(false, `stage ${stage}`);
    }
  }
}
