export { SimulationsPage } from './page.js';
