export { isSelected } from './object.js';
export { placeDirectory } from './place-directory.js';
export type { Place, PlaceDirectory } from './place-directory.js';
