export { compileNetwork, type CompiledNetwork } from './network.js';
export { FIDELITY, type FidelityRow, type FidelitySection, type FidelityStatus } from './fidelity.js';
export { routerCaptures, type RouterCapture } from './router-capture.js';
