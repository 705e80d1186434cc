export { ComparePage } from './compare-page.js';
export { ComparisonPage } from './page.js';
export { COMPARE_PATH, readComparisonId } from './url.js';
