export { OutcomeCache, type OutcomeListener } from './outcome-cache.js';
