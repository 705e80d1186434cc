export { Topology } from './topology.js';
