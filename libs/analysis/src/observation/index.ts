export { countersIn, entriesIn, readSave, withoutDates } from './dumps.js';
export type { SavedChain, SavedTables } from './dumps.js';
export { TRACE_TABLE, observe } from './observe.js';
export type { Played, Seen } from './observe.js';
export { agreement, firstDifference, numbersIn } from './stability.js';
