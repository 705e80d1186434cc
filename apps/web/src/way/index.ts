export { Exchange, WayEnd } from './exchange.js';
export { FateLine, Outcome } from './fate-line.js';
export { fateOf } from './fate.js';
export { HopBlock } from './hop-block.js';
export type { WayOrigin } from './trail-fold.js';
export { wayOf } from './way-model.js';
export type { HopView, WayView } from './way-model.js';
