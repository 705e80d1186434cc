export { golden } from './golden.js';
export { forSeeds, oneOf, shuffled } from './random.js';
export { deciding, endpoint, entry, flow, hop, lostPacket, packet, report, step, trace, view } from './report-builder.js';
export { expectation, flowSpec, scenario, snapshot } from './scenario-builder.js';
