export { formatComparison } from './format-comparison.js';
export { formatReport } from './format-report.js';
export type { ReportTextOptions } from './format-report.js';
export { formatTrace } from './format-trace.js';
export { formatWhatIf } from './format-what-if.js';
export type { WhatIfText } from './format-what-if.js';
export { PLAIN } from './palette.js';
export type { Palette } from './palette.js';
