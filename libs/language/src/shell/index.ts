export { isBuiltinFault, runBuiltin, sleepTime, type BuiltinFault, type BuiltinResult } from './builtin.js';
export { parseScript, type ParsedScript } from './parse.js';
export type { CommandInput, CommandOutput, Pipeline, Script, ShellFault, SimpleCommand } from './script.js';
