export { BridgeState, FDB_LOCAL, FDB_NONE } from './bridge-state.js';
export { bridgeForward, bridgeInput, bridgePassUp, bridgeTransmit } from './bridge.js';
export { multicastMac } from './mac.js';
export { TunnelState, compileTunnels, decapsulate, encapsulate, isTunnel } from './tunnel.js';
export type { LinkMachine } from './machine-view.js';
export * from './ebtables/index.js';
export { LINK_FIDELITY } from './fidelity.js';
