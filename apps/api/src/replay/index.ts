export { answered } from './answered.js';
export { ReplayModule } from './replay.module.js';
