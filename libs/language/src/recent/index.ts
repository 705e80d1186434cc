export * from './recent-list.js';
