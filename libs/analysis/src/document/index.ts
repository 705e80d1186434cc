export { junit } from './junit.js';
export { markdown } from './markdown.js';
export { reportJson } from './report-json.js';
export { sarif } from './sarif.js';
export type { DocumentOptions, Suite } from './suite.js';
