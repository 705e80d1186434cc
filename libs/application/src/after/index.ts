export { afterBundle } from './after-bundle.js';
export type { AfterRequest } from './after-bundle.js';
