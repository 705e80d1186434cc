export { isOwnedBy, ownerOf } from './owner.js';
export type { Owner } from './owner.js';
