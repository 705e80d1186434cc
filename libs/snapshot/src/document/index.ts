export * from './document.js';
export * from './field.js';
export * from './suggest.js';
