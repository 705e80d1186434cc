import type { PacketContext } from '../packet/index.js';
import { STEP_BRIDGE } from '../record/index.js';
import type { NetworkInterface } from '../interface/index.js';
import type { LinkMachine } from './machine-view.js';

/** Records what a bridge did with a frame at one of its ports; `action` is BRIDGE_*. */
export function note(m: LinkMachine, p: PacketContext, action: number, bridge: NetworkInterface, port: NetworkInterface): void {
  m.environment.recorder.step3(p, STEP_BRIDGE, action, bridge.nameId, port.nameId);
  m.environment.recorder.detail(p, p.destinationMac);
}
