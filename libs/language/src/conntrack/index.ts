export type { ConntrackAction, ConntrackCommand, ConntrackNatFilter, ConntrackStatusWord, ConntrackTable, ConntrackTupleFilter } from './command.js';
export * from './format-entry.js';
export * from './parse-command.js';
export * from './parse-entries.js';
export * from './protocol.js';
