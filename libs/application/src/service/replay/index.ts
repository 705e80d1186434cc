export { ownerOfChange } from './history.js';
export { Replayer } from './replayer.js';
export type { ReplayTools } from './replayer.js';
export { ReplayLimitReached } from './replays.js';
export type { CountedPage, EntryState, ReplayRefusal, Replayed, Replays, RuleState, StateFilter, StateKey, TrailPage, TrailQuestion, TupleState } from './replays.js';
export { ownerOf } from '@worldline/analysis';
export type { Owner } from '@worldline/analysis';
