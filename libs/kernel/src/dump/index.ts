export { dumpMachine } from './dump-machine.js';
export { ChangeLog } from './change-log.js';
