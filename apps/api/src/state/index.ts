export { historyPage, machineStateNode } from './machine-state.node.js';
export type { MachineStateNode, StateArguments, StateChangeNode } from './machine-state.node.js';
export { ruleNode } from './rule.node.js';
export type { RuleNode } from './rule.node.js';
