export { ComparisonModule } from './comparison.module.js';
export { comparisonNode } from './comparison.node.js';
