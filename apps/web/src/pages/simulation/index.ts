export { SimulationPage } from './page.js';
export { readSimulationId } from './url.js';
