export * from './opcode.js';
export { scanRuleSet, type Scanned, type ScanOptions } from './scan.js';
export { clauseOrigins, decodeRules, type DecodedRules } from './decode.js';
