export { Link } from './link.js';
export { navigate, useLocation } from './location.js';
export type { Location, Words } from './location.js';
export { oneOf, readWords, writeUrl } from './words.js';
