export { dumpMachine } from './dump-machine.js';
