export * from './interned-words.js';
export * from './utf8.js';
