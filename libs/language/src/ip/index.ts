export * from './address-dump.js';
export * from './command.js';
export { elementIssue, numberOf, parseJsonDump, printJsonDump, stringOf, stringsOf, type JsonObject } from './json-dump.js';
export * from './names.js';
export * from './neighbour-dump.js';
export * from './parse-command.js';
export * from './route-dump.js';
export * from './rule-dump.js';
export { WordFault, WordReader, matchWord } from './word-reader.js';
