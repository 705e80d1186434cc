export * from './ipset/index.js';
export { runHook } from './hook.js';
export type { NetfilterMachine } from './machine-view.js';
export { NetfilterState, type HookPlan } from './netfilter-state.js';
export { ProgramStore, type CompiledRuleSet } from './program-store.js';
export type { ChainProgram, RuleOrigin, RuleProgram, TableProgram } from './program.js';
export { TableState } from './table-state.js';
export { MATCHES, type MatchEntry } from './matches/index.js';
export { REJECT_TCP_RESET, TARGETS, rejectIcmpOf, type TargetEntry } from './targets/index.js';
