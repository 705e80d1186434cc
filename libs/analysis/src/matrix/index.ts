export { matrixFlows } from './matrix.js';
