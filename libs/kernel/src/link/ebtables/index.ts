export * from './ebtables-hooks.js';
export * from './ebtables-registry.js';
export { EBTABLES_TABLES, EbtablesChain, EbtablesState, compileGivenRule, type EbtablesPolicy } from './ebtables-state.js';
export { runEbtables, type EbtablesDevice, type EbtablesMachine } from './run-ebtables.js';
