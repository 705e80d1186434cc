export { compileNetwork, type CompiledNetwork } from './network.js';
